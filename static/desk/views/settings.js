// The foot of the inbox: help, sound, and what an operator sets once: theme, language, notifications; and the way out.

import { useEffect, useRef, useState } from "preact/hooks";
import { html, usePhrase, useSession } from "./base.js";
import { Icon, IconButton } from "./icons.js";

const THEMES = ["auto", "light", "dark"];

export function Settings({ alerts, onHelp }) {
  const phrase = usePhrase();
  const [isOpen, setOpen] = useState(false);
  const [isMuted, setMuted] = useState(alerts.isMuted);
  const box = useRef(null);

  useEffect(() => {
    if (!isOpen) return;
    const leave = (event) => {
      if (event.type === "keydown" ? event.key === "Escape" : !box.current.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("keydown", leave);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("keydown", leave);
    };
  }, [isOpen]);

  function mute() {
    alerts.isMuted = !isMuted;
    setMuted(!isMuted);
  }

  return html`<footer class="inbox-foot" ref=${box}>
    <${LineDot} />
    <${IconButton} icon=${isMuted ? "silent" : "sound"} label=${phrase(isMuted ? "sound_on" : "sound_off")}
      onClick=${mute} />
    <${IconButton} icon="help" label=${phrase("help.title")} onClick=${onHelp} />
    <${IconButton} icon="settings" label=${phrase("settings")} aria-expanded=${isOpen}
      onClick=${() => setOpen(!isOpen)} />
    ${isOpen && html`<${Menu} alerts=${alerts} />`}
  </footer>`;
}

function LineDot() {
  const session = useSession();
  const phrase = usePhrase();
  const { state } = session.line;
  return html`<span class=${`line-dot is-${state}`}><i></i>${phrase(`line_short.${state}`)}</span>`;
}

function Menu({ alerts }) {
  const session = useSession();
  const phrase = usePhrase();
  const { config, storage } = session;
  const [theme, setTheme] = useState(storage.getItem("theme") ?? "auto");
  const [canAsk, setCanAsk] = useState(alerts.canAskToNotify);

  function choose(next) {
    setTheme(next);
    if (next === "auto") {
      storage.removeItem("theme");
      delete document.documentElement.dataset.theme;
    } else {
      storage.setItem("theme", next);
      document.documentElement.dataset.theme = next;
    }
  }

  async function ask() {
    await alerts.askToNotify();
    setCanAsk(alerts.canAskToNotify);
  }

  return html`<div class="menu" role="group" aria-label=${phrase("settings")}>
    <p class="menu-title">${phrase("theme")}</p>
    <div class="switch is-wide" role="group" aria-label=${phrase("theme")}>
      ${THEMES.map(
        (name) => html`<button type="button" key=${name} aria-pressed=${theme === name} onClick=${() => choose(name)}>
          ${phrase(`theme.${name}`)}</button>`,
      )}
    </div>
    <p class="menu-title">${phrase("language")}</p>
    <form class="switch is-wide" method="post" action=${config.language_path}>
      <${Token} />
      <input type="hidden" name="next" value="/" />
      ${config.languages.map(
        ({ code, name }) => html`<button key=${code} name="language" value=${code} lang=${code}
          aria-pressed=${code === config.language}>${name}</button>`,
      )}
    </form>
    ${
      canAsk &&
      html`<button type="button" class="menu-row" onClick=${ask}>
      <${Icon} name="facts" />${phrase("notifications_on")}</button>`
    }
    <form method="post" action=${config.logout_path} onSubmit=${session.leave}>
      <${Token} />
      <button class="menu-row"><${Icon} name="leave" />${phrase("log_out")}</button>
    </form>
  </div>`;
}

function Token() {
  const { config } = useSession();
  return html`<input type="hidden" name="csrfmiddlewaretoken" value=${config.csrf_token} />`;
}
