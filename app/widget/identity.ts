/** Who is signed in to the shop: the storefront's short-lived JWT, fetched from `identity-url`, never from the page. */

export interface Customer {
  /** The JWT's `sub`; empty for a visitor who is not signed in. */
  id: string;
  token: string;
}

export const VISITOR: Customer = { id: "", token: "" };

/**
 * Asks the shop, with POST so that nothing on the way keeps the answer: the JWT as plain text or `{"token": …}`;
 * 204, 401, 403 or 404 mean signed out. Null means that the shop did not answer: nobody knows, and nothing changes.
 */
export async function fetchCustomer(url: string): Promise<Customer | null> {
  try {
    const response = await fetch(url, { method: "POST", credentials: "same-origin", cache: "no-store" });
    if ([204, 401, 403, 404].includes(response.status)) return VISITOR;
    if (!response.ok) return null;
    const body = (await response.text()).trim();
    const token = body.startsWith("{") ? String(JSON.parse(body).token ?? "") : body;
    return token ? { id: readSubject(token), token } : VISITOR;
  } catch {
    return null;
  }
}

/** Only the server believes a token after checking it; here `sub` merely chooses whose chat is shown. */
function readSubject(token: string): string {
  const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return String(JSON.parse(new TextDecoder().decode(bytes)).sub ?? "");
}
