// Calls an operator back to the desk: a short tone, a mark in the title, a notification where the browser may.

const MUTED_KEY = "desk.muted";
const TONE_SECONDS = 0.16;
const TONES_HZ = {
  assigned: [587, 880],
  message: [660],
  withdrawn: [440, 330],
  break_over: [523, 659],
  specialist: [659, 523, 784],
  whisper: [784, 659, 784],
  alert: [880, 587, 880],
  follow_up: [523, 440, 523],
  coaching: [587, 659],
};
/** These call somebody who is elsewhere. */
const NOTIFYING = new Set(["assigned", "whisper", "alert", "follow_up"]);
const VOLUME = 0.08;

/**
 * @param {Storage} storage
 * @param {(key: string, values?: object) => string} phrase
 */
export function openAlerts(storage, phrase) {
  const title = document.title;
  let context = null;
  let unseen = 0;

  // A browser plays nothing before the first key or click.
  const wake = () => {
    context ??= new AudioContext();
    context.resume();
  };
  for (const type of ["pointerdown", "keydown"]) window.addEventListener(type, wake, { once: true });
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("focus", seen);

  function seen() {
    if (!document.hidden && document.hasFocus()) badge(0);
  }

  function badge(count) {
    unseen = count;
    document.title = count ? `(${count}) ${title}` : title;
  }

  function play(tones) {
    if (!context || context.state !== "running") return;
    tones.forEach((frequency, index) => {
      const start = context.currentTime + index * TONE_SECONDS;
      const gain = context.createGain();
      const tone = context.createOscillator();
      tone.frequency.value = frequency;
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(VOLUME, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + TONE_SECONDS);
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + TONE_SECONDS);
    });
  }

  function notify({ kind, conversation, alert }, body, open) {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    // No word of the visitor: notifications show on locked screens.
    const notification = new Notification(phrase(`notification.${kind}`), { body, tag: alert?.id ?? conversation });
    notification.onclick = () => {
      window.focus();
      open();
      notification.close();
    };
  }

  return {
    get isMuted() {
      return storage.getItem(MUTED_KEY) === "yes";
    },
    set isMuted(value) {
      storage.setItem(MUTED_KEY, value ? "yes" : "no");
    },
    get canAskToNotify() {
      return "Notification" in window && Notification.permission === "default";
    },
    askToNotify: () => Notification.requestPermission(),

    /** @param {import("./state.js").Signal} signal @param {string} body a client's name, or an alert's words
     * @param {() => void} open */
    raise(signal, body, open) {
      const away = document.hidden || !document.hasFocus();
      if (signal.kind === "departed" || (signal.kind === "message" && !away)) return;
      if (!this.isMuted) play(TONES_HZ[signal.kind]);
      if (!away) return;
      badge(unseen + 1);
      if (NOTIFYING.has(signal.kind)) notify(signal, body, open);
    },
  };
}
