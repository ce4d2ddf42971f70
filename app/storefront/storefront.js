// The storefront works without this: it only lets the switcher act at once, and product pages open the chat.
const picker = document.getElementById("customer");
picker.addEventListener("change", () => picker.form.requestSubmit());

const ask = document.querySelector("[data-ask]");
const chat = document.querySelector("support-chat");
if (ask && chat) {
  ask.hidden = false;
  ask.addEventListener("click", () => chat.setAttribute("open", ""));
}
