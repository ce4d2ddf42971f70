/**
 * `/widget.js`: small and short-cached. Loads the core of the current version, whose address never changes its
 * content, and checks its hash. With `data-embed` it also puts the element into the page; `data-locale="th"` and
 * the like become its attributes.
 */

declare const VERSION: string;
declare const INTEGRITY: string;

const me = document.currentScript as HTMLScriptElement;
const core = document.createElement("script");
core.src = new URL(`widget/${VERSION}/core.js`, me.src).href;
core.integrity = INTEGRITY;
core.crossOrigin = "anonymous";
if (me.nonce) core.nonce = me.nonce;
document.head.append(core);

function embed(): void {
  const chat = document.createElement("support-chat");
  for (const { name, value } of me.attributes)
    if (name.startsWith("data-") && name !== "data-embed") chat.setAttribute(name.slice(5), value);
  document.body.append(chat);
}

if (me.dataset.embed !== undefined) {
  if (document.body) embed();
  else document.addEventListener("DOMContentLoaded", embed);
}
