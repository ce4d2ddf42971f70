/** Sound and notification of a new message: off until the customer asks for them, and never with its text. */

let sound: AudioContext | null = null;

/** Call it from a click: browsers grant both only then. True when alerts are on afterwards. */
export async function askForAlerts(): Promise<boolean> {
  sound ??= new AudioContext();
  await sound.resume();
  if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  return true;
}

export function alertOf(title: string, text: string): void {
  if (sound) ring(sound);
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    new Notification(title, { body: text, tag: "support-chat" });
  }
}

function ring(context: AudioContext): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.08, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.3);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.3);
}
