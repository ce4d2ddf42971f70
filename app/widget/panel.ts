/**
 * The open chat: header, thread, forms, composer. Draws a conversation and turns clicks and keys into calls of its
 * `Desk`. Owns focus (trapped while open, Escape closes) and the live region that reads messages aloud.
 */

import { ICONS, el, icon } from "./elements";
import { drawDeletion, drawRating, drawVerification } from "./forms";
import { direction } from "./locales";
import { drawMenu, type Choices } from "./menu";
import type { Conversation } from "./conversation";
import type { Message } from "./api";
import {
  Thread,
  drawLive,
  drawMessage,
  drawNote,
  drawOrder,
  drawProposal,
  drawWaiting,
  type Item,
  type Words,
} from "./thread";

/** What the panel can ask for; the element does it. */
export interface Desk extends Omit<Choices, "verify" | "rate" | "erase"> {
  readonly conversation: Conversation;
  readonly locale: string;
  readonly picked: string;
  readonly alertsOn: boolean;
  readonly heading: string;
  say: Words;
  send(text: string): Promise<boolean>;
  close(): void;
  act(action: () => Promise<void>): Promise<boolean>;
  erase(): Promise<void>;
}

const EXAMPLES = ["example_not_shipped", "example_return", "example_refund", "example_damaged", "example_person"];
const MOST_CHARACTERS = 20_000;
const LARGEST_PHOTO = 8_000_000;
const FOCUSABLE = "button:not(:disabled),input,select,textarea,summary,[tabindex='0']";

export class Panel {
  readonly node: HTMLElement;
  private readonly thread = new Thread();
  private readonly banner = el("div", { class: "banner", part: "banner", role: "status" });
  private readonly aloud = el("div", { class: "unseen", "aria-live": "polite" });
  private readonly drawer = el("div", { class: "drawer" });
  private readonly jump: HTMLElement;
  private readonly box: HTMLTextAreaElement;
  private readonly menuButton: HTMLElement;
  private notes: { text: string; after: number }[] = [];
  private isRated = false;

  constructor(private readonly desk: Desk) {
    const { say } = desk;
    this.box = el("textarea", {
      rows: "1",
      dir: "auto",
      maxlength: `${MOST_CHARACTERS}`,
      placeholder: say("input_placeholder"),
      "aria-label": say("input_placeholder"),
      part: "input",
      enterkeyhint: "send",
    });
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => this.scrollToEnd() }, say("new_messages"));
    this.menuButton = this.iconButton("menu", "menu", () => this.toggleMenu());
    this.menuButton.setAttribute("aria-expanded", "false");
    this.node = this.build();
    this.box.addEventListener("keydown", (event) => this.onBoxKey(event));
    this.box.addEventListener("input", () => this.fit());
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.thread.node.addEventListener("scroll", () => this.thread.isAtEnd() && (this.jump.hidden = true));
  }

  private build(): HTMLElement {
    const { say, heading } = this.desk;
    const photo = el("input", { type: "file", accept: "image/jpeg,image/png,image/webp", hidden: true });
    photo.addEventListener("change", () => void this.attach(photo));
    const composer = el(
      "form",
      { class: "composer", part: "composer" },
      this.iconButton("photo", "attach_picture", () => photo.click()),
      photo,
      this.box,
      el("button", { type: "submit", class: "send", part: "button send", "aria-label": say("send"), title: say("send") }, icon(ICONS.send) as unknown as Node),
    );
    composer.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    return el(
      "section",
      { class: "panel", part: "panel", role: "dialog", "aria-modal": "true", "aria-labelledby": "title", lang: this.desk.locale, dir: direction(this.desk.locale) },
      el(
        "header",
        { part: "header" },
        el("div", {}, el("h2", { id: "title" }, heading || say("title")), el("p", {}, say("subtitle"))),
        this.menuButton,
        this.iconButton("close", "close_chat", () => this.desk.close()),
      ),
      this.banner,
      this.thread.node,
      this.aloud,
      this.jump,
      this.drawer,
      composer,
      el("footer", {}, say("privacy_note")),
    );
  }

  private iconButton(shape: keyof typeof ICONS, key: string, act: () => void): HTMLElement {
    const label = this.desk.say(key);
    return el("button", { type: "button", class: "icon", part: `button ${shape}`, "aria-label": label, title: label, onclick: act }, icon(ICONS[shape]));
  }

  focus(): void {
    this.box.focus();
    this.scrollToEnd();
  }

  /** Puts text that could not be sent back where it was written. */
  restore(text: string): void {
    this.box.value = [text, this.box.value].filter(Boolean).join("\n");
    this.fit();
  }

  note(text: string): void {
    const after = this.desk.conversation.last;
    const known = this.notes.at(-1);
    if (known?.text !== text || known.after !== after) this.notes.push({ text, after });
    this.read(text);
    this.draw(true);
  }

  read(text: string): void {
    this.aloud.textContent = text;
  }

  clear(): void {
    this.notes = [];
    this.isRated = false;
    this.drawer.replaceChildren();
  }

  draw(jump = false): void {
    this.drawBanner();
    const isHidden = this.thread.show(this.items(), jump);
    if (isHidden) this.jump.hidden = false;
    const { status } = this.desk.conversation;
    if (status === "resolved" && !this.isRated && !this.drawer.firstChild) this.openRating();
  }

  private drawBanner(): void {
    const { conversation, say } = this.desk;
    const isWithPerson = conversation.mode === "manual";
    const text = conversation.isOffline
      ? say("offline")
      : conversation.assignee && isWithPerson
        ? say("talking_to", { name: conversation.assignee })
        : isWithPerson
          ? say("handed_off")
          : "";
    if (this.banner.textContent !== text) this.banner.textContent = text;
    this.banner.classList.toggle("person", isWithPerson && !conversation.isOffline);
  }

  private items(): Item[] {
    const { conversation, say, locale } = this.desk;
    const { messages, waiting, orders } = conversation;
    const items: Item[] = [];
    const add = (key: string, mark: string, draw: () => HTMLElement): number => items.push({ key, mark, draw });
    if (conversation.greeting) add("greeting", "", () => el("div", { class: "message assistant" }, el("div", { class: "bubble", lang: conversation.language }, el("p", { dir: "auto" }, conversation.greeting))));
    const beside = (after: number): void => {
      if (after === Math.min(conversation.opened ?? 0, conversation.last))
        orders.forEach((order, at) => add(`o${order.number}`, JSON.stringify(order), () => drawOrder(order, say, at === 0)));
      this.notes.forEach((note, at) => note.after === after && add(`n${at}`, note.text, () => drawNote(note.text)));
    };
    beside(0);
    for (const message of messages) {
      const more = message === messages.at(-1) ? this.choicesOf(message) : [];
      add(`m${message.seq}`, JSON.stringify([message, more.length]), () => drawMessage(message, say, locale, ...more));
      beside(message.seq);
    }
    waiting.forEach(({ client_id, text }) => add(client_id, `${conversation.isOffline}`, () => drawWaiting(text, say, conversation.isOffline)));
    if (conversation.isAnswering && !conversation.isOffline) {
      const { liveText, stage } = conversation;
      add("live", liveText + stage, () => drawLive(liveText, stage, say));
    }
    if (!messages.length && !waiting.length) add("examples", "", () => this.drawExamples());
    return items;
  }

  /** What may be clicked below the last message. */
  private choicesOf(message: Message): HTMLElement[] {
    const { conversation, say } = this.desk;
    if (message.author !== "assistant" || conversation.mode === "manual" || conversation.waiting.length) return [];
    const open = message.proposals.filter((p) => p.state === "open" && Date.parse(p.expires_at) > Date.now());
    const proposals = open.map((proposal) =>
      drawProposal(proposal, say, (decision, button) => {
        for (const other of button.parentElement!.children) (other as HTMLButtonElement).disabled = true;
        void this.desk.act(() => conversation.decide(proposal, decision)).then(() => this.box.focus());
      }),
    );
    if (message.outcome !== "clarified" || conversation.isVerified) return proposals;
    const prove = el("button", { type: "button", part: "button chip", onclick: () => this.openVerification() }, say("verify_title"));
    return [...proposals, el("div", { class: "chips" }, prove)];
  }

  private drawExamples(): HTMLElement {
    const { say } = this.desk;
    const chips = EXAMPLES.map((key) =>
      el("button", { type: "button", dir: "auto", part: "button chip", onclick: () => void this.say(say(key)) }, say(key)),
    );
    return el("div", { class: "chips" }, ...chips);
  }

  private async submit(): Promise<void> {
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = "";
    this.fit();
    await this.say(text);
  }

  /** A photo of damaged goods, for a person to look at; the server checks and re-encodes it. */
  private async attach(photo: HTMLInputElement): Promise<void> {
    const { conversation, locale, say } = this.desk;
    const file = photo.files?.[0];
    photo.value = "";
    if (!file) return;
    if (file.size > LARGEST_PHOTO) return this.note(say("picture_refused"));
    const isSent = await this.desk.act(async () => {
      await conversation.start(locale);
      await conversation.attach(file);
    });
    if (isSent) this.note(say("picture_sent"));
  }

  private async say(text: string): Promise<void> {
    this.box.focus();
    if (!(await this.desk.send(text))) this.restore(text);
    this.draw(true);
  }

  private openDrawer(node: HTMLElement): void {
    this.drawer.replaceChildren(node);
    this.menuButton.setAttribute("aria-expanded", `${node.id === "menu"}`);
    node.querySelector<HTMLElement>(FOCUSABLE)?.focus();
  }

  private closeDrawer = (): void => {
    const wasMenu = this.drawer.querySelector("#menu");
    this.drawer.replaceChildren();
    this.menuButton.setAttribute("aria-expanded", "false");
    (wasMenu ? this.menuButton : this.box).focus();
  };

  private toggleMenu(): void {
    if (this.drawer.querySelector("#menu")) return this.closeDrawer();
    const { desk } = this;
    const leave = (act: () => void) => (): void => {
      this.closeDrawer();
      act();
    };
    const state = { language: desk.picked, hasMessages: desk.conversation.messages.length > 0, alerts: desk.alertsOn };
    this.openDrawer(
      drawMenu(desk.say, state, {
        language: desk.language,
        verify: () => this.openVerification(),
        person: leave(desk.person),
        rate: () => this.openRating(),
        alerts: leave(desk.alerts),
        download: leave(desk.download),
        restart: leave(desk.restart),
        erase: () => this.openDrawer(drawDeletion(desk.say, () => desk.erase(), this.closeDrawer)),
      }),
    );
  }

  private openVerification(): void {
    const { desk } = this;
    const prove = async (orderNumber: string, contact: string): Promise<string> => {
      let isProven = false;
      const asked = await desk.act(async () => {
        await desk.conversation.start(desk.locale);
        isProven = await desk.conversation.verify(orderNumber, contact);
      });
      if (!isProven) return asked ? desk.say("verify_failed") : "";
      this.closeDrawer();
      this.note(desk.say("verify_ok"));
      return "";
    };
    this.openDrawer(drawVerification(desk.say, prove, this.closeDrawer));
  }

  private openRating(): void {
    const { desk } = this;
    this.isRated = true;
    const rate = async (score: number, comment: string): Promise<void> => {
      if (!(await desk.act(() => desk.conversation.rate(score, comment)))) return;
      this.closeDrawer();
      this.note(desk.say("rating_thanks"));
    };
    this.openDrawer(drawRating(desk.say, rate, this.closeDrawer));
  }

  private onBoxKey(event: KeyboardEvent): void {
    // An input method's Enter chooses a word, it does not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    void this.submit();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (this.drawer.firstChild) this.closeDrawer();
      else this.desk.close();
    }
    if (event.key !== "Tab") return;
    const stops = [...this.node.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((stop) => stop.checkVisibility());
    const active = (this.node.getRootNode() as ShadowRoot).activeElement;
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (active !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }

  private scrollToEnd(): void {
    this.thread.scrollToEnd();
    this.jump.hidden = true;
  }

  /** The box grows with its text, up to what the style sheet allows. */
  private fit(): void {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }
}
