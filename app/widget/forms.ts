/** The forms above the composer: proof of an order, rating, deletion. Each calls back and leaves HTTP to others. */

import { el } from "./elements";
import type { Words } from "./thread";

function submitter(form: HTMLFormElement, act: () => Promise<void>): EventListener {
  return (event) => {
    event.preventDefault();
    const button = form.querySelector<HTMLButtonElement>("[type=submit]")!;
    if (button.disabled) return;
    button.disabled = true;
    void act().finally(() => (button.disabled = false));
  };
}

function actions(say: Words, key: string, cancel: () => void): HTMLElement {
  return el(
    "div",
    { class: "actions" },
    el("button", { type: "submit", class: "confirm", part: "button confirm" }, say(key)),
    el("button", { type: "button", class: "decline", part: "button decline", onclick: cancel }, say("cancel")),
  );
}

/** Order number and its e-mail or phone; `prove` says whether they matched. */
export function drawVerification(
  say: Words,
  prove: (orderNumber: string, contact: string) => Promise<string>,
  cancel: () => void,
): HTMLElement {
  const field = (name: string, autocomplete: string): HTMLInputElement =>
    el("input", { name, autocomplete, required: true, dir: "auto", maxlength: "320", "aria-describedby": "proof" });
  const number = field("order_number", "off");
  const contact = field("contact", "email");
  const result = el("p", { id: "proof", class: "result", role: "alert" });
  const form = el(
    "form",
    { class: "form", part: "form", "aria-label": say("verify_title") },
    el("label", {}, say("verify_order_number"), number),
    el("label", {}, say("verify_contact"), contact),
    result,
    actions(say, "verify_submit", cancel),
  );
  const act = async (): Promise<void> => {
    result.textContent = "";
    result.textContent = await prove(number.value.trim(), contact.value.trim());
  };
  form.addEventListener("submit", submitter(form, act));
  return form;
}

/** One to five, as radio buttons: arrow keys choose, and a wrong click can be taken back before sending. */
export function drawRating(
  say: Words,
  rate: (score: number, comment: string) => Promise<void>,
  cancel: () => void,
): HTMLElement {
  const star = (score: number): HTMLElement =>
    el(
      "label",
      { class: "star" },
      el("input", { type: "radio", name: "score", value: `${score}`, required: true, class: "unseen" }),
      el("span", { "aria-hidden": "true" }, "★"),
      el("span", { class: "unseen" }, say("rating_score", { score: `${score}` })),
    );
  const comment = el("textarea", { rows: "2", maxlength: "1000", dir: "auto" });
  const form = el(
    "form",
    { class: "form", part: "form" },
    el("fieldset", {}, el("legend", {}, say("rating_prompt")), ...[1, 2, 3, 4, 5].map(star)),
    el("label", {}, say("rating_comment"), comment),
    actions(say, "send", cancel),
  );
  const act = (): Promise<void> => rate(Number(new FormData(form).get("score")), comment.value.trim());
  form.addEventListener("submit", submitter(form, act));
  return form;
}

/** Asks once more before everything is deleted. */
export function drawDeletion(say: Words, erase: () => Promise<void>, cancel: () => void): HTMLElement {
  const form = el(
    "form",
    { class: "form", part: "form", "aria-label": say("delete_conversation") },
    el("p", {}, say("delete_question")),
    actions(say, "delete_conversation", cancel),
  );
  form.addEventListener("submit", submitter(form, erase));
  return form;
}
