/** HTTP to the counter: one conversation's routes, problem details as errors, server-sent events read with fetch. */

export interface Proposal {
  id: string;
  summary: string;
  state: string;
  expires_at: string;
}

export interface Message {
  seq: number;
  author: "customer" | "assistant" | "agent" | "system";
  text: string;
  language: string;
  outcome: string | null;
  proposals: Proposal[];
  created_at: string;
}

export interface ServerEvent {
  name: string;
  id: string;
  data: any; // each event's shape is documented in docs/reference.md; the reader of an event knows which it wants
}

/** The server answered and said no. Anything else that `fetch` throws is a lost connection. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    private readonly detail: string,
    readonly retryAfter: number,
  ) {
    super(detail);
  }

  /** A sentence for the customer in her language, where the server words one; other details are for the shop. */
  get sentence(): string {
    return this.status === 422 && this.code.startsWith("message_") ? this.detail : "";
  }

  /** The label that says it where the server has no such sentence. */
  get label(): string {
    if (this.isTemporary) return "error_busy";
    return this.code === "photo_invalid" || this.status === 413 ? "picture_refused" : "error_generic";
  }

  /** Trying the same again later may help: too many, busy, or a proxy whose server restarts. */
  get isTemporary(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }

  /** The token no longer opens this conversation: it expired, was revoked or deleted. */
  get isGone(): boolean {
    return this.status === 401 || this.status === 404;
  }
}

export interface Call {
  token?: string;
  body?: unknown;
  form?: FormData;
  signal?: AbortSignal;
  stream?: boolean;
  after?: number;
}

export async function call(server: string, method: string, path: string, options: Call = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: options.stream ? "text/event-stream" : "application/json" };
  if (options.token) headers.Authorization = `Bearer ${options.token}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.after) headers["Last-Event-ID"] = `${options.after}`;
  const response = await fetch(`${server}/api/conversations${path}`, {
    method,
    headers,
    body: options.form ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
    signal: options.signal,
    credentials: "omit",
    cache: "no-store",
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  throw new Refused(response.status, String(problem.code ?? ""), String(problem.detail ?? ""), retryAfter);
}

/** Longer than three of the server's pings: a proxy that died silently counts as a lost connection. */
const SILENCE = 50_000;

/** The events of a streaming response; throws when the connection is lost. */
export async function* readEvents(response: Response, abort: AbortController): AsyncGenerator<ServerEvent> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let buffer = "";
  for (;;) {
    const timer = setTimeout(() => abort.abort(), SILENCE);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    buffer += decoder.decode(value, { stream: true });
    const frames = buffer.split(/\r?\n\r?\n/);
    buffer = frames.pop() ?? "";
    for (const frame of frames) {
      const event = parseFrame(frame);
      if (event) yield event;
    }
  }
}

function parseFrame(frame: string): ServerEvent | null {
  const fields: Record<string, string> = {};
  for (const line of frame.split(/\r?\n/)) {
    const [, name, value] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
    if (name) fields[name] = name === "data" && fields.data !== undefined ? `${fields.data}\n${value}` : value!;
  }
  if (fields.data === undefined) return null;
  return { name: fields.event ?? "message", id: fields.id ?? "", data: JSON.parse(fields.data) };
}
