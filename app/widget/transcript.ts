/** The conversation as a text file that the customer keeps. Made here: the text is already in her browser. */

import type { Conversation } from "./conversation";
import { el } from "./elements";
import type { Words } from "./thread";

export function writeTranscript(conversation: Conversation, say: Words, locale: string): void {
  const names: { [author: string]: string } = { customer: "name_you", agent: "name_agent", assistant: "name_assistant" };
  const parts = conversation.messages.map((message) => {
    const time = new Date(message.created_at).toLocaleString(locale, { numberingSystem: "latn" });
    const name = names[message.author];
    return `${time}${name ? ` · ${say(name)}` : ""}\n${message.text}\n`;
  });
  const text = [conversation.greeting, ...parts].join("\n");
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  el("a", { href: url, download: `${say("title")}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
