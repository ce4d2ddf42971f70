/**
 * The messages as they are drawn, oldest first. Nodes of unchanged items stay, so focus and selection stay too.
 * Owns what one message looks like and when the thread scrolls; leaves what there is to show to `panel`.
 */

import type { Message, Proposal } from "./api";
import type { Order } from "./conversation";
import { el, lines } from "./elements";

/** One thing in the thread: drawn again only when its `mark` changes. */
export interface Item {
  key: string;
  mark: string;
  draw: () => HTMLElement;
}

export interface Words {
  (key: string, values?: { [name: string]: string }): string;
}

/** Further from the end than this, the reader is reading: new messages do not move her. */
const NEAR_END = 80;

export class Thread {
  readonly node: HTMLElement;
  private readonly drawn = new Map<string, { mark: string; node: HTMLElement }>();

  constructor() {
    this.node = el("div", { class: "thread", part: "thread", role: "log", "aria-live": "off", tabindex: "0" });
  }

  /** True when something new is out of sight. */
  show(items: Item[], jump: boolean): boolean {
    const { node } = this;
    const wasAtEnd = this.isAtEnd();
    const height = node.scrollHeight;
    const wanted = new Set(items.map((item) => item.key));
    for (const [key, { node: old }] of this.drawn) {
      if (wanted.has(key)) continue;
      old.remove();
      this.drawn.delete(key);
    }
    let before: ChildNode | null = node.firstChild;
    for (const item of items) {
      const isInPlace = before !== null && this.drawn.get(item.key)?.node === before;
      const drawn = this.redraw(item);
      if (isInPlace) before = drawn.nextSibling;
      else node.insertBefore(drawn, before);
    }
    if (jump || wasAtEnd) this.scrollToEnd();
    return !jump && !wasAtEnd && node.scrollHeight > height;
  }

  isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  scrollToEnd(): void {
    this.node.scrollTop = this.node.scrollHeight;
  }

  private redraw(item: Item): HTMLElement {
    const known = this.drawn.get(item.key);
    if (known?.mark === item.mark) return known.node;
    const node = item.draw();
    known?.node.replaceWith(node);
    this.drawn.set(item.key, { mark: item.mark, node });
    return node;
  }
}

const NAMES: { [author: string]: string } = {
  customer: "name_you",
  agent: "name_agent",
  assistant: "name_assistant",
};

/** A message with its author's name for screen readers; `say` words the labels. */
export function drawMessage(message: Message, say: Words, locale: string, ...more: HTMLElement[]): HTMLElement {
  if (message.author === "system") return drawNote(message.text);
  const time = new Date(message.created_at);
  return el(
    "div",
    { class: `message ${message.author}`, part: `message ${message.author}` },
    el("span", { class: message.author === "agent" ? "who" : "unseen" }, say(NAMES[message.author]!)),
    el("div", { class: "bubble", lang: message.language }, ...lines(message.text)),
    el(
      "time",
      { datetime: message.created_at },
      time.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", numberingSystem: "latn" }),
    ),
    ...more,
  );
}

/** What the customer has written and the server has not stored yet. */
export function drawWaiting(text: string, say: Words, isOffline: boolean): HTMLElement {
  return el(
    "div",
    { class: "message customer waiting", part: "message customer" },
    el("span", { class: "unseen" }, say("name_you")),
    el("div", { class: "bubble" }, ...lines(text)),
    isOffline && el("small", {}, say("not_sent_yet")),
  );
}

/** The reply that is being written: its verified sentences so far, or what the assistant does. */
export function drawLive(text: string, stage: string, say: Words): HTMLElement {
  const doing = say(stage === "looking_up" ? "looking_up" : "typing");
  const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  return el(
    "div",
    { class: "message assistant live", part: "message assistant" },
    text ? el("div", { class: "bubble" }, ...lines(text)) : null,
    el("div", { class: "doing" }, dots, el("small", {}, doing)),
  );
}

export function drawNote(text: string): HTMLElement {
  return el("div", { class: "note" }, ...lines(text));
}

/** The two answers to a proposal; what it would do is the text above it. */
export function drawProposal(
  proposal: Proposal,
  say: Words,
  decide: (decision: "confirm" | "decline", button: HTMLElement) => void,
): HTMLElement {
  const button = (decision: "confirm" | "decline"): HTMLElement =>
    el(
      "button",
      { type: "button", class: decision, part: `button ${decision}`, onclick: (e) => decide(decision, e.currentTarget as HTMLElement) },
      say(decision),
    );
  return el("div", { class: "proposal", part: "proposal", role: "group", "aria-label": proposal.summary }, button("confirm"), button("decline"));
}

/** An order as the server words it: status, reason, timeline, parcels, items, total. */
export function drawOrder(order: Order, say: Words, isOpen: boolean): HTMLElement {
  const steps = order.steps.map((step) =>
    el(
      "li",
      { class: step.state, "aria-current": /now|bad/.test(step.state) && "step" },
      el("span", {}, step.label),
      step.date && el("small", {}, step.date),
    ),
  );
  const parcels = order.parcels.map((parcel) =>
    el("li", {}, el("bdi", {}, `${parcel.carrier} ${parcel.tracking_number}`), el("small", {}, parcel.status)),
  );
  const items = order.items.map((item) =>
    el(
      "li",
      {},
      el("span", {}, el("bdi", {}, item.title), item.options && el("small", { dir: "auto" }, item.options)),
      el("bdi", {}, `${item.quantity} × ${item.price}`),
    ),
  );
  return el(
    "details",
    { class: "order", part: "order", open: isOpen },
    el("summary", {}, el("span", {}, order.title), el("span", { class: `pill ${order.mood}` }, order.status)),
    order.reason ? el("p", { dir: "auto" }, order.reason) : null,
    el("ol", { class: "steps" }, ...steps),
    parcels.length > 0 && el("ul", { "aria-label": say("order_tracking") }, ...parcels),
    el("ul", { "aria-label": say("order_items") }, ...items),
    el("p", { class: "total" }, el("span", {}, say("order_total")), el("bdi", {}, order.total)),
  );
}
