/** The strings of one locale, loaded on demand from beside the script, and which of the 22 locales a tag means. */

import { LOCALES, RTL } from "./languages";

export type Labels = Record<string, string>;

/** The locale that serves a BCP 47 tag: `zh-TW` is zh-Hant, `tl` is fil, anything unknown is English. */
export function resolve(tag: string): string {
  const [language, ...rest] = tag.toLowerCase().split(/[-_]/);
  if (language === "zh") return rest.some((part) => /^(hant|tw|hk|mo)$/.test(part)) ? "zh-Hant" : "zh-Hans";
  if (language === "tl") return "fil";
  return language && language in LOCALES ? language : "en";
}

export function direction(locale: string): "rtl" | "ltr" {
  return RTL.includes(locale) ? "rtl" : "ltr";
}

/** Reads `locales/<code>.json`. A locale that does not come is English; then the keys themselves are readable. */
export async function load(base: string, locale: string): Promise<Labels> {
  for (const code of new Set([locale, "en"])) {
    try {
      const response = await fetch(`${base}locales/${code}.json`);
      if (response.ok) return (await response.json()) as Labels;
    } catch {
      // the next one, or the keys
    }
  }
  return {};
}

/** A label with its placeholders filled: `say(labels, "talking_to", { name: "Mai" })`. */
export function say(labels: Labels, key: string, values: Record<string, string> = {}): string {
  const text = labels[key] ?? key.replaceAll("_", " ");
  return text.replace(/\{(\w+)\}/g, (slot, name: string) => (name in values ? `\u2068${values[name]}\u2069` : slot));
}
