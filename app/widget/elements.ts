/** Builds DOM nodes. Text only ever becomes a text node: nothing here, or anywhere in the widget, parses markup. */

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | boolean | EventListener | null | undefined>;

/** `el("button", { class: "send", onclick: send }, "Send")`; false and null attributes are left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (typeof value === "string") node.setAttribute(name, value);
  }
  node.append(...children.filter((child): child is Node | string => !!child));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A 24×24 line icon from its path. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  chat: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12h15M13 6l6 6-6 6",
  menu: "M5 12h.01M12 12h.01M19 12h.01",
  photo: "M4 7h4l2-2h4l2 2h4v12H4zM12 16a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
};

/** Most of the combining marks that make one visible letter: more is decoration that covers other lines. */
const STACK = /(\p{M}{8})\p{M}+/gu;

/** Someone's text as lines, each of which finds its own direction. */
export function lines(text: string): HTMLElement[] {
  const shown = text.replace(STACK, "$1").replace(/\n{3,}/g, "\n\n");
  return shown.split("\n").map((line) => el("p", { dir: "auto" }, line));
}
