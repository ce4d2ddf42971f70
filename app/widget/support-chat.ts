/**
 * `<support-chat>`: the launcher and the panel in a shadow root. Configured by attributes, heard through events.
 *
 * Attributes: `server` (else where the script came from), `locale`, `identity-url`, `heading`, `theme` (`light`,
 * `dark`), `position` (`start`), `open`. Events: `support-chat:open`, `:close`, `:message`, `:handoff`, `:unread`.
 * Methods: `show()`, `hide()`, `refresh()` after somebody signed in or out without a page load.
 */

import { Refused, type Message } from "./api";
import { alertOf, askForAlerts } from "./alerts";
import { Conversation, type Listener } from "./conversation";
import { ICONS, el, icon } from "./elements";
import { VISITOR, fetchCustomer, type Customer } from "./identity";
import { direction, load, resolve, say, type Labels } from "./locales";
import { Panel, type Desk } from "./panel";
import { Record, lastCustomer, rememberCustomer } from "./records";
import { writeTranscript } from "./transcript";

declare const STYLE: string;

/** Where this script was loaded from: `https://chat.example/widget/<version>/`. */
const BASE = new URL(".", (document.currentScript as HTMLScriptElement | null)?.src || location.href).href;

export class SupportChat extends HTMLElement implements Desk, Listener {
  static observedAttributes = ["open", "locale", "identity-url"];

  conversation!: Conversation;
  locale = "en";
  picked = "";
  alertsOn = false;
  private labels: Labels = {};
  /** The `sub` of whoever is signed in; empty for a visitor. */
  private customer = "";
  private panel: Panel | null = null;
  private launcher!: HTMLButtonElement;
  private badge!: HTMLElement;
  private ready: Promise<void> | null = null;
  private isDrawing = false;

  connectedCallback(): void {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet()];
    window.addEventListener("online", this.onOnline);
    window.addEventListener("pageshow", this.onShow);
    document.addEventListener("visibilitychange", this.onShow);
    this.ready ??= this.prepare();
  }

  disconnectedCallback(): void {
    window.removeEventListener("online", this.onOnline);
    window.removeEventListener("pageshow", this.onShow);
    document.removeEventListener("visibilitychange", this.onShow);
    this.conversation?.close();
    this.ready = null;
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (!this.ready) return;
    if (name === "open") void this.ready.then(() => this.toggle(value !== null));
    else if (name === "locale") void this.ready.then(() => this.speak(resolve(value || navigator.language)));
    else void this.refresh();
  }

  show(): void {
    this.toggleAttribute("open", true);
  }

  hide(): void {
    this.toggleAttribute("open", false);
  }

  close(): void {
    this.hide();
  }

  /** Asks the shop again who is signed in; another customer gets her own conversation and nobody else's. */
  async refresh(): Promise<void> {
    const url = this.getAttribute("identity-url");
    const customer = url ? await fetchCustomer(url) : VISITOR;
    if (customer && customer.id !== this.customer) await this.become(customer);
  }

  get heading(): string {
    return this.getAttribute("heading") ?? "";
  }

  private get server(): string {
    return (this.getAttribute("server") ?? new URL("../../", BASE).href).replace(/\/+$/, "");
  }

  private get isOpen(): boolean {
    return this.hasAttribute("open");
  }

  say = (key: string, values?: { [name: string]: string }): string => say(this.labels, key, values);

  private async prepare(): Promise<void> {
    const url = this.getAttribute("identity-url");
    const wanted = resolve(this.getAttribute("locale") || navigator.language);
    this.customer = lastCustomer(this.server);
    this.conversation = this.open(new Record(this.server, this.customer));
    const [customer, labels] = await Promise.all([url ? fetchCustomer(url) : VISITOR, load(BASE, wanted)]);
    this.labels = labels;
    this.locale = wanted;
    if (customer && customer.id !== this.customer) await this.become(customer);
    else this.conversation.resume();
    this.build();
    if (this.isOpen) this.toggle(true);
  }

  /** Somebody signed in or out. On a shared computer the next person must not find the last one's chat. */
  private async become(customer: Customer): Promise<void> {
    const former = this.conversation;
    const record = new Record(this.server, customer.id);
    const isSignIn = !this.customer && former.hasStarted && !record.read();
    this.customer = customer.id;
    rememberCustomer(this.server, customer.id);
    if (isSignIn) {
      try {
        await former.adopt(customer.token, record);
        return former.resume();
      } catch {
        // What the visitor began cannot become this customer's: hers starts afresh.
      }
    }
    former.forget();
    this.begin();
  }

  private open(record: Record): Conversation {
    return new Conversation(this.server, () => this.identify(), record, this);
  }

  /** A fresh token each time: it opens one conversation and expires soon. */
  private async identify(): Promise<string> {
    const url = this.getAttribute("identity-url");
    return url && this.customer ? ((await fetchCustomer(url))?.token ?? "") : "";
  }

  private begin(): void {
    this.conversation.close();
    this.conversation = this.open(new Record(this.server, this.customer));
    this.panel?.clear();
    this.conversation.resume();
    this.changed();
    if (this.isOpen) void this.greet();
  }

  /** A conversation starts when the panel opens: the greeting says who answers. */
  private greet(): Promise<boolean> {
    return this.act(() => this.conversation.start(this.picked || this.locale));
  }

  private build(): void {
    const wasOpen = this.panel && this.isOpen;
    this.badge = el("span", { class: "badge", part: "badge", hidden: true });
    this.launcher = el(
      "button",
      { type: "button", class: "launcher", part: "launcher", "aria-haspopup": "dialog", onclick: () => this.show() },
      icon(ICONS.chat),
      this.badge,
    );
    this.panel = new Panel(this);
    this.panel.node.hidden = !wasOpen;
    this.launcher.hidden = !!wasOpen;
    this.shadowRoot!.replaceChildren(this.launcher, this.panel.node);
    this.shadowRoot!.host.setAttribute("data-dir", direction(this.locale));
    this.changed();
  }

  private toggle(isOpen: boolean): void {
    const panel = this.panel!;
    if (panel.node.hidden !== isOpen) return;
    panel.node.hidden = !isOpen;
    this.launcher.hidden = isOpen;
    if (isOpen) {
      if (!this.conversation.hasStarted) void this.greet();
      this.draw();
      panel.focus();
    } else this.launcher.focus();
    this.tell(isOpen ? "open" : "close", {});
  }

  private tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(`support-chat:${name}`, { detail, bubbles: true, composed: true }));
  }

  // What the conversation reports.

  changed(): void {
    if (this.isDrawing || !this.panel) return;
    this.isDrawing = true;
    queueMicrotask(() => {
      this.isDrawing = false;
      this.draw();
    });
  }

  private draw(): void {
    const { conversation, panel } = this;
    if (!panel) return;
    if (this.isOpen && !document.hidden) conversation.markSeen();
    const unread = conversation.messages.filter((m) => m.author !== "customer" && m.seq > conversation.seen).length;
    const label = unread ? `${this.say("open_chat")} (${this.say("new_messages")}: ${unread})` : this.say("open_chat");
    if (`${unread}` !== this.badge.textContent) this.tell("unread", { count: unread });
    this.badge.textContent = `${unread}`;
    this.badge.hidden = !unread;
    this.launcher.setAttribute("aria-label", label);
    panel.draw();
  }

  arrived(message: Message): void {
    const { seq, author, outcome } = message;
    if (author === "customer" || seq <= this.conversation.seen) return;
    this.tell("message", { seq, author, outcome });
    if (outcome === "handed_off") this.tell("handoff", {});
    if (this.isOpen) this.panel?.read(message.text);
    if (this.alertsOn) alertOf(this.say("title"), this.say("new_messages"));
  }

  failed(sentence: string, key: string, text: string): void {
    if (key === "error_session") this.begin();
    if (text) this.panel?.restore(text);
    this.panel?.note(sentence || this.say(key));
  }

  // What the panel asks for.

  async send(text: string): Promise<boolean> {
    return this.act(() => this.conversation.send(text, this.picked || this.locale));
  }

  /** Does something that may fail and says so in the thread; false when it failed. */
  async act(action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) this.failed("", "offline", "");
      else if (error.status === 401) {
        this.conversation.forget();
        this.failed("", "error_session", "");
      } else this.failed(error.sentence, error.label, "");
      return false;
    }
  }

  language = (code: string | null): void => {
    void this.act(async () => {
      await this.conversation.start(code ?? this.locale);
      await this.conversation.pickLanguage(code);
      this.picked = code ?? "";
      if (code) await this.speak(code);
    });
  };

  person = (): void => {
    void this.act(async () => {
      await this.conversation.start(this.locale);
      await this.conversation.askForPerson();
      this.tell("handoff", {});
    });
  };

  alerts = (): void => {
    if (this.alertsOn) this.alertsOn = false;
    else void askForAlerts().then((isOn) => (this.alertsOn = isOn));
  };

  download = (): void => {
    writeTranscript(this.conversation, this.say, this.locale);
  };

  restart = (): void => {
    this.conversation.forget();
    this.begin();
  };

  async erase(): Promise<void> {
    if (!(await this.act(() => this.conversation.erase()))) return;
    this.begin();
    this.panel?.note(this.say("conversation_deleted"));
    this.panel?.focus();
  }

  private async speak(locale: string): Promise<void> {
    this.labels = await load(BASE, locale);
    this.locale = locale;
    this.build();
    this.panel!.focus();
  }

  private readonly onOnline = (): void => this.conversation?.retry();

  private readonly onShow = (): void => {
    if (document.hidden) return;
    this.conversation?.retry();
    this.changed();
    if (this.getAttribute("identity-url")) void this.ready?.then(() => this.refresh());
  };
}

let shared: CSSStyleSheet | null = null;

/** One style sheet for all elements; constructed, so a strict Content-Security-Policy has nothing to refuse. */
function sheet(): CSSStyleSheet {
  if (!shared) (shared = new CSSStyleSheet()).replaceSync(STYLE);
  return shared;
}

if (!customElements.get("support-chat")) customElements.define("support-chat", SupportChat);
