/**
 * One conversation as the browser follows it: starts or resumes it, sends each message once, and keeps what was said.
 *
 * Owns the outbox and the two streams (a turn's own, and everything that is stored). Leaves drawing to `thread` and
 * who is asking to `identity`. A message leaves the outbox only when its turn is over; until then it is sent again
 * after every lost connection, restart or reload, with the same client_id, which the server stores once.
 */

import { call, readEvents, Refused, type Message, type Proposal, type ServerEvent } from "./api";
import { Record, type Kept, type Waiting } from "./records";

export interface Listener {
  /** Something that is shown has changed. */
  changed(): void;
  arrived(message: Message): void;
  /** A sentence for the customer, or the key of one; `text` is hers, to be written again. */
  failed(sentence: string, key: string, text: string): void;
}

export interface Order {
  number: string;
  title: string;
  status: string;
  mood: string;
  reason: string;
  steps: { label: string; state: string; date: string }[];
  parcels: { carrier: string; tracking_number: string; status: string }[];
  items: { title: string; options: string; quantity: number; price: string }[];
  total: string;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

export class Conversation {
  messages: Message[] = [];
  orders: Order[] = [];
  stage = "";
  mode = "auto";
  status = "open";
  assignee = "";
  isOffline = false;
  private kept: Kept | null;
  private live = new Map<number, string[]>();
  private sending = new Set<string>();
  private acked = new Map<string, number>();
  private held: ServerEvent[] = [];
  private starting: Promise<Kept> | null = null;
  private isPumping = false;
  private isWatching = false;
  private ended = new AbortController();
  private sleepers = new Set<() => void>();

  constructor(
    private readonly server: string,
    private readonly identify: () => Promise<string>,
    private record: Record,
    private readonly listener: Listener,
  ) {
    this.kept = record.read();
  }

  get hasStarted(): boolean {
    return this.kept !== null;
  }

  get greeting(): string {
    return this.kept?.greeting ?? "";
  }

  get language(): string {
    return this.kept?.language ?? "";
  }

  get isVerified(): boolean {
    return this.opened !== null;
  }

  get opened(): number | null {
    return this.kept?.opened ?? null;
  }

  get last(): number {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get seen(): number {
    return this.kept?.seen ?? 0;
  }

  /** Messages that were written here and are not known to be stored yet. */
  get waiting(): Waiting[] {
    return this.outbox.filter((entry) => !this.acked.has(entry.client_id));
  }

  get isAnswering(): boolean {
    return this.sending.size > 0 && this.mode === "auto";
  }

  /** The verified sentences of the reply that is being written; only from its beginning on, never a middle. */
  get liveText(): string {
    const texts = this.live.get(Math.max(...this.live.keys())) ?? [];
    const gap = Array.from(texts).indexOf(undefined!);
    return texts.slice(0, gap < 0 ? undefined : gap).join("").trim();
  }

  /** Shows what was said before and follows what comes, if there is a conversation to resume. */
  resume(): void {
    if (!this.kept || this.isWatching) return;
    void this.watch();
    void this.pump();
    if (this.isVerified) void this.readOrders();
  }

  /** Starts the conversation unless it has started. */
  async start(locale: string): Promise<void> {
    if (this.kept) return;
    this.starting ??= this.begin(locale).finally(() => (this.starting = null));
    await this.starting;
  }

  private async begin(locale: string): Promise<Kept> {
    const body: { [name: string]: string } = { locale, page_url: location.href.split(/[?#]/)[0]! };
    const proof = await this.identify();
    if (proof) body.identity_token = proof;
    const response = await this.create(body);
    const { id, token, language, greeting } = await response.json();
    this.kept = { id, token, language, greeting, seen: 0, opened: body.identity_token ? 0 : null, outbox: [] };
    this.record.write(this.kept);
    this.listener.changed();
    this.resume();
    return this.kept;
  }

  /** A token that the counter refuses is the shop's mistake: its customer may still talk, and prove an order. */
  private async create(body: { [name: string]: string }): Promise<Response> {
    const post = (): Promise<Response> => call(this.server, "POST", "", { body, signal: this.ended.signal });
    try {
      return await post();
    } catch (error) {
      if (!(error instanceof Refused && error.isGone && body.identity_token)) throw error;
      console.warn("support-chat: the counter refused the identity token; see docs/widget.md.");
      delete body.identity_token;
      return post();
    }
  }

  /** Queues a message; it is sent now, or when the connection is back. */
  async send(text: string, locale: string): Promise<void> {
    const entry = { client_id: makeId(), text };
    await this.start(locale);
    this.change((kept) => kept.outbox.push(entry));
    this.listener.changed();
    void this.pump();
  }

  markSeen(): void {
    if (this.last > this.seen) this.change((kept) => (kept.seen = this.last));
  }

  async verify(orderNumber: string, contact: string): Promise<boolean> {
    const body = { order_number: orderNumber, contact };
    const { verified } = await (await this.request("POST", "/verification", body)).json();
    if (verified) await this.open();
    return verified;
  }

  /** A visitor signed in: the conversation goes on as hers. */
  async adopt(token: string, record: Record): Promise<void> {
    await this.request("POST", "/verification", { identity_token: token });
    this.record.clear();
    this.record = record;
    record.write(this.kept!);
    await this.open();
  }

  private async open(): Promise<void> {
    this.change((kept) => (kept.opened = this.last));
    await this.readOrders();
  }

  async readOrders(): Promise<void> {
    try {
      this.orders = (await (await this.request("GET", "/orders")).json()).orders;
    } catch {
      this.orders = []; // the card is a convenience: the chat answers without it
    }
    this.listener.changed();
  }

  async decide(proposal: Proposal, decision: "confirm" | "decline"): Promise<void> {
    const answer = await (await this.request("POST", `/proposals/${proposal.id}`, { decision })).json();
    this.takeProposal(answer.proposal);
    this.takeMessage(answer.reply);
    if (this.isVerified) await this.readOrders();
  }

  async pickLanguage(language: string | null): Promise<void> {
    const answer = await (await this.request("PATCH", "", { language })).json();
    this.change((kept) => (kept.language = answer.language));
    if (this.isVerified) await this.readOrders();
  }

  async askForPerson(): Promise<void> {
    this.takeStatus(await (await this.request("POST", "/handoff", {})).json());
  }

  async rate(score: number, comment: string): Promise<void> {
    await this.request("POST", "/rating", comment ? { score, comment } : { score });
  }

  async attach(file: File): Promise<void> {
    const form = new FormData();
    form.append("file", file);
    await call(this.server, "POST", `/${this.kept!.id}/attachments`, { token: this.kept!.token, form });
  }

  /** Deletes the conversation on the server, then here. */
  async erase(): Promise<void> {
    await this.request("DELETE", "");
    this.forget();
  }

  /** Removes every trace of it from this browser. */
  forget(): void {
    this.record.clear();
    this.close();
  }

  close(): void {
    this.ended.abort();
    this.wake();
  }

  /** The connection may be back: try at once. */
  retry(): void {
    this.wake();
  }

  private get outbox(): Waiting[] {
    return this.kept?.outbox ?? [];
  }

  private change(change: (kept: Kept) => unknown): void {
    this.record.update(change);
    this.kept = this.record.read() ?? this.kept;
  }

  private request(method: string, path: string, body?: unknown): Promise<Response> {
    return call(this.server, method, `/${this.kept!.id}${path}`, { token: this.kept!.token, body });
  }

  private async stream(method: string, path: string, body?: unknown, after = 0): Promise<AsyncGenerator<ServerEvent>> {
    const abort = new AbortController();
    this.ended.signal.addEventListener("abort", () => abort.abort());
    const options = { token: this.kept!.token, signal: abort.signal, stream: true, body, after };
    return readEvents(await call(this.server, method, `/${this.kept!.id}${path}`, options), abort);
  }

  /** Everything that is stored, from the last that is known on. */
  private async watch(): Promise<void> {
    this.isWatching = true;
    let pause = FIRST_PAUSE;
    while (!this.ended.signal.aborted) {
      try {
        const events = await this.stream("GET", "/events", undefined, this.last);
        this.online(true);
        pause = FIRST_PAUSE;
        for await (const event of events) this.take(event);
      } catch (error) {
        if (this.ended.signal.aborted || (await this.lost(error))) return;
      }
      await this.pause(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  /** Sends what waits, in order: each goes out when the one before it is stored. */
  private async pump(): Promise<void> {
    if (this.isPumping) return;
    this.isPumping = true;
    let pause = FIRST_PAUSE;
    for (;;) {
      const entry = this.outbox.find((found) => !this.sending.has(found.client_id));
      if (!entry || this.ended.signal.aborted) break;
      try {
        await this.post(entry);
        pause = FIRST_PAUSE;
      } catch (error) {
        this.sending.delete(entry.client_id);
        if (this.ended.signal.aborted || (await this.refused(entry, error))) continue;
        await this.pause(Math.max(pause, error instanceof Refused ? error.retryAfter * 1000 : 0));
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
    this.isPumping = false;
  }

  /** Returns when the message is stored; its turn goes on by itself. */
  private async post(entry: Waiting): Promise<void> {
    this.sending.add(entry.client_id);
    this.listener.changed();
    const events = await this.stream("POST", "/messages", entry);
    const first = await events.next();
    if (first.done) throw new TypeError("The stream ended before the message was stored.");
    this.online(true);
    this.acked.set(entry.client_id, first.value.data.seq);
    this.takeMessage(first.value.data);
    for (const event of this.held.splice(0)) this.take(event);
    void this.follow(entry, events, first.value.data.seq);
  }

  private async follow(entry: Waiting, events: AsyncGenerator<ServerEvent>, turn: number): Promise<void> {
    let isOver = false;
    try {
      for await (const event of events) {
        this.take(event);
        isOver ||= event.name === "reply";
      }
      isOver ||= await this.isSettled(turn);
    } catch (error) {
      if (!this.ended.signal.aborted && !(error instanceof Refused)) this.online(false);
    }
    if (this.ended.signal.aborted) return;
    this.sending.delete(entry.client_id);
    this.live.delete(turn);
    if (isOver) this.drop(entry);
    else await this.pause(FIRST_PAUSE);
    this.stage = "";
    this.listener.changed();
    void this.pump();
  }

  /** Whether a turn that ended without a reply is over: a person answers, or an answer came another way. */
  private async isSettled(turn: number): Promise<boolean> {
    const found = (await (await this.request("GET", `/messages?after=${turn - 1}`)).json()).messages as Message[];
    found.forEach((message) => this.takeMessage(message));
    return found[0]?.outcome != null;
  }

  /** True when the server will never take this message. */
  private async refused(entry: Waiting, error: unknown): Promise<boolean> {
    if (!(error instanceof Refused)) {
      this.online(false);
      return false;
    }
    if (error.isGone) {
      await this.lost(error);
      return true;
    }
    if (error.isTemporary) {
      this.listener.failed("", "error_busy", "");
      return false;
    }
    this.drop(entry);
    this.listener.failed(error.sentence, "error_generic", entry.text);
    return true;
  }

  /** True when the conversation itself is gone. */
  private async lost(error: unknown): Promise<boolean> {
    if (!(error instanceof Refused && error.isGone)) {
      this.online(false);
      return false;
    }
    if (this.ended.signal.aborted) return true;
    const unsent = this.waiting.map((entry) => entry.text).join("\n");
    this.forget();
    this.listener.failed("", "error_session", unsent);
    return true;
  }

  private drop(entry: Waiting): void {
    this.change((kept) => (kept.outbox = kept.outbox.filter((found) => found.client_id !== entry.client_id)));
  }

  private take(event: ServerEvent): void {
    const { name, data } = event;
    if (name === "progress") this.stage = data.stage;
    else if (name === "text") this.takeText(data.turn, data.index, data.text);
    else if (name === "status") this.takeStatus(data);
    else if (name === "proposal") this.takeProposal(data);
    else if (name === "message" || name === "reply") {
      // The customer's own message may come back here before its own stream has told which one it is.
      if (data.author === "customer" && this.waiting.length) this.held.push(event);
      else this.takeMessage(data);
    }
    this.listener.changed();
  }

  private takeText(turn: number, index: number, text: string): void {
    if (index === 0 || !this.live.has(turn)) this.live.set(turn, []);
    this.live.get(turn)![index] = text;
  }

  private takeStatus(data: { mode?: string; status?: string; assignee?: string | null }): void {
    this.mode = data.mode ?? this.mode;
    this.status = data.status ?? this.status;
    if (data.assignee !== undefined) this.assignee = data.assignee ?? "";
    this.listener.changed();
  }

  private takeProposal(proposal: Proposal): void {
    for (const message of this.messages)
      message.proposals = message.proposals.map((known) => (known.id === proposal.id ? proposal : known));
    this.listener.changed();
  }

  private takeMessage(message: Message): void {
    if (message.author === "assistant") {
      this.live.clear();
      this.stage = "";
    }
    const at = this.messages.findIndex((known) => known.seq >= message.seq);
    if (at >= 0 && this.messages[at]!.seq === message.seq) {
      this.messages[at] = message;
      return;
    }
    if (at < 0) this.messages.push(message);
    else this.messages.splice(at, 0, message);
    this.listener.arrived(message);
    this.listener.changed();
  }

  private online(isOnline: boolean): void {
    if (this.isOffline !== isOnline) return;
    this.isOffline = !isOnline;
    if (isOnline) this.wake();
    this.listener.changed();
  }

  private wake(): void {
    for (const resolve of this.sleepers) resolve();
    this.sleepers.clear();
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.sleepers.add(resolve);
      setTimeout(resolve, milliseconds * (0.8 + Math.random() * 0.4));
    });
  }
}

/** `crypto.randomUUID` exists only on HTTPS; a shop on its own network may not have it. */
function makeId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
