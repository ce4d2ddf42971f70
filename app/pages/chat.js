() => {
  // What CSS cannot do: the document's language and direction, local times, and staying at the newest message
  // unless the reader has scrolled up, the order's fold on phones, and our words when the server is away.
  const page = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const SLACK = 80;
  const DRAFT = "kaunter-draft";
  let sticks = true;
  let sent = 0;

  const follow = () => {
    const thread = byId("scroll");
    if (!thread) return;
    const mine = thread.querySelectorAll(".message.customer").length;
    if (mine > sent) {
      sticks = true;
      if (page.dataset.ready) sessionStorage.removeItem(DRAFT);
    }
    sent = mine;
    if (sticks) thread.scrollTop = thread.scrollHeight;
  };

  const dress = () => {
    const brand = document.querySelector("[data-locale]");
    if (!brand) return;
    if (page.lang !== brand.dataset.locale) page.lang = brand.dataset.locale;
    if (page.dir !== brand.dataset.direction) page.dir = brand.dataset.direction;
    if (!page.dataset.ready && document.querySelector("#thread .message")) {
      restore();
      page.dataset.ready = "yes";
    }
    for (const toast of document.querySelectorAll('[data-testid="toast-text"]')) {
      if (toast.textContent !== toast.dataset.own) translate(toast);
    }
    const fold = document.querySelector("[data-fold]");
    const shown = String(page.dataset.order === "shown");
    if (fold && fold.getAttribute("aria-expanded") !== shown) fold.setAttribute("aria-expanded", shown);
    for (const time of document.querySelectorAll("time[datetime]:empty")) {
      const at = new Date(time.dateTime);
      const today = at.toDateString() === new Date().toDateString();
      const day = today ? {} : { day: "numeric", month: "short" };
      const options = { hour: "2-digit", minute: "2-digit", numberingSystem: "latn", calendar: "gregory", ...day };
      time.textContent = new Intl.DateTimeFormat(page.lang, options).format(at);
    }
  };

  // Gradio says in English that the connection or the queue failed, and reloads the page when the server is back.
  const translate = async (toast) => {
    const { offline, failed } = document.querySelector("[data-locale]").dataset;
    toast.textContent = toast.dataset.own = "";
    const answers = await fetch("healthz", { cache: "no-store" }).then((answer) => answer.ok, () => false);
    toast.textContent = toast.dataset.own = answers ? failed : offline;
  };

  // What was typed survives that reload until it stands in the thread, sent or not.
  const box = () => document.querySelector("#box textarea");
  const keep = () => {
    if (box()?.value.trim()) sessionStorage.setItem(DRAFT, box().value);
  };
  window.addEventListener("pagehide", keep);
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.target === box() && event.key === "Enter" && !event.shiftKey) keep();
    },
    true,
  );
  document.addEventListener("click", (event) => event.target.closest("#send") && keep(), true);
  const restore = () => {
    const draft = sessionStorage.getItem(DRAFT);
    if (!draft || !box()) return;
    sessionStorage.removeItem(DRAFT);
    const last = [...document.querySelectorAll("#thread .message.customer .bubble")].at(-1);
    if (last?.textContent.trim() === draft.trim()) return;
    box().value = draft;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener(
    "scroll",
    (event) => {
      const { target } = event;
      if (target.id !== "scroll") return;
      sticks = target.scrollHeight - target.scrollTop - target.clientHeight < SLACK;
    },
    true,
  );
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-fold]")) return;
    page.dataset.order = page.dataset.order === "shown" ? "folded" : "shown";
    update();
  });

  let waiting = false;
  const update = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      dress();
      follow();
    });
  };
  // Gradio shows and hides by class: the buttons of a proposal come into view below the last message.
  const changes = { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["class"] };
  new MutationObserver(update).observe(document.body, changes);
  window.addEventListener("resize", update);
  update();
}
