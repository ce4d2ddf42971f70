/**
 * What the browser keeps: one record for each server and customer, in the shop's own localStorage.
 * Where storage is refused (private windows, settings), a record lives as long as the page.
 */

export interface Waiting {
  client_id: string;
  text: string;
}

export interface Kept {
  id: string;
  token: string;
  language: string;
  greeting: string;
  /** The last message that was on the screen. */
  seen: number;
  /** The last message when a proof opened orders: their card stands below it. Null before a proof. */
  opened: number | null;
  /** Messages that no reply has answered yet; sending one again with its client_id is harmless. */
  outbox: Waiting[];
}

const memory = new Map<string, string>();

export class Record {
  private readonly key: string;

  constructor(server: string, customer: string) {
    this.key = `kaunter:${server}:${customer}`;
  }

  read(): Kept | null {
    try {
      const kept = JSON.parse(storage("get", this.key) ?? "null") as Kept | null;
      return kept && typeof kept.id === "string" && Array.isArray(kept.outbox) ? kept : null;
    } catch {
      return null;
    }
  }

  write(kept: Kept): void {
    storage("set", this.key, JSON.stringify(kept));
  }

  /** Reads, changes and writes at once, so that two tabs do not undo each other. */
  update(change: (kept: Kept) => void): void {
    const kept = this.read();
    if (!kept) return;
    change(kept);
    this.write(kept);
  }

  clear(): void {
    storage("remove", this.key);
  }
}

/** The `sub` of who was signed in when this browser last looked; empty for a visitor. */
export function lastCustomer(server: string): string {
  return storage("get", `kaunter:${server}`) ?? "";
}

export function rememberCustomer(server: string, customer: string): void {
  storage("set", `kaunter:${server}`, customer);
}

function storage(what: "get" | "set" | "remove", key: string, value = ""): string | null {
  try {
    if (what === "get") return localStorage.getItem(key);
    if (what === "set") localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    if (what === "get") return memory.get(key) ?? null;
    if (what === "set") memory.set(key, value);
    else memory.delete(key);
  }
  return null;
}
