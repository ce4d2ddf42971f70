/** The menu of the panel: language, order, person, rating, alerts, transcript, deletion. A plain disclosure. */

import { el } from "./elements";
import { LOCALES } from "./languages";
import type { Words } from "./thread";

export interface Choices {
  language: (code: string | null) => void;
  verify: () => void;
  person: () => void;
  rate: () => void;
  alerts: () => void;
  download: () => void;
  restart: () => void;
  erase: () => void;
}

export interface MenuState {
  /** The language that was picked by hand; empty while it is detected. */
  language: string;
  hasMessages: boolean;
  alerts: boolean;
}

export function drawMenu(say: Words, state: MenuState, choices: Choices): HTMLElement {
  const option = (code: string, name: string): HTMLElement =>
    el("option", { value: code, selected: code === state.language, lang: code || null }, name);
  const languages = Object.entries(LOCALES).map(([code, name]) => option(code, name));
  const select = el("select", {}, option("", say("language_auto")), ...languages);
  select.addEventListener("change", () => choices.language(select.value || null));
  const item = (key: string, act: () => void): HTMLElement =>
    el("button", { type: "button", part: "menu-item", onclick: act }, say(key));
  const alerts = item("alerts", choices.alerts);
  alerts.setAttribute("aria-pressed", `${state.alerts}`);
  return el(
    "div",
    { class: "menu", part: "menu", id: "menu", role: "group", "aria-label": say("menu") },
    el("label", {}, say("language"), select),
    item("verify_title", choices.verify),
    item("talk_to_person", choices.person),
    alerts,
    state.hasMessages && item("rating_prompt", choices.rate),
    state.hasMessages && item("download_conversation", choices.download),
    item("new_conversation", choices.restart),
    state.hasMessages && item("delete_conversation", choices.erase),
  );
}
