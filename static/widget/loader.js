// Puts the organisation's widget on a web page. No dependencies, no globals but one mark, safe to load twice.
(() => {
  "use strict";

  const script = document.currentScript;
  const website = script && script.dataset.website;
  if (!website || document.querySelector("iframe[data-widget-frame]")) return;

  const origin = new URL(script.src, location.href).origin;
  const pageLanguage = () => document.documentElement.lang || navigator.language || "en";
  const TITLES = { en: "Chat with us", nl: "Chat met ons", ja: "チャットで相談" };
  // CSS pixels. The launcher's frame has room for the round button and its shadow.
  const LAUNCHER_SIZE = 96;
  const PANEL = { width: 400, height: 704, margin: 16, radius: 20 };
  const FULL_SCREEN_BELOW = { width: 480, height: 420 };
  const SHADOW = "0 24px 64px -12px rgba(15, 18, 28, .34), 0 4px 16px rgba(15, 18, 28, .12)";
  const ON_TOP = 2147483000;

  const frame = document.createElement("iframe");
  frame.dataset.widgetFrame = website;
  frame.title = TITLES[pageLanguage().slice(0, 2).toLowerCase()] || TITLES.en;
  frame.src = `${origin}/widget/?${new URLSearchParams({ website, language: pageLanguage() })}`;
  frame.allow = "clipboard-write";
  frame.referrerPolicy = "origin";
  Object.assign(frame.style, {
    position: "fixed",
    left: "auto",
    border: "0",
    margin: "0",
    padding: "0",
    maxWidth: "none",
    maxHeight: "none",
    minWidth: "0",
    minHeight: "0",
    background: "transparent",
    // A frame is see-through only where its own scheme, light in the launcher, equals that of its element.
    colorScheme: "light",
    zIndex: String(ON_TOP),
  });

  let state = "launcher";

  function resize() {
    const open = state === "open";
    const { width, height } = FULL_SCREEN_BELOW;
    const full = open && (document.documentElement.clientWidth < width || window.innerHeight < height);
    const floating = open && !full;
    // The visual viewport is what an on-screen keyboard leaves free.
    const view = window.visualViewport;
    Object.assign(frame.style, {
      width: full ? "100%" : `${open ? PANEL.width : LAUNCHER_SIZE}px`,
      height: full
        ? `${view ? view.height : window.innerHeight}px`
        : open
          ? `min(${PANEL.height}px, calc(100% - ${2 * PANEL.margin}px))`
          : `${LAUNCHER_SIZE}px`,
      top: full ? `${view ? view.offsetTop : 0}px` : "auto",
      right: floating ? `${PANEL.margin}px` : "0",
      bottom: full ? "auto" : floating ? `${PANEL.margin}px` : "0",
      borderRadius: floating ? `${PANEL.radius}px` : "0",
      boxShadow: floating ? SHADOW : "none",
    });
  }

  function comeIn() {
    if (!frame.animate || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const from = { opacity: 0, transform: "translateY(14px) scale(.985)", transformOrigin: "100% 100%" };
    frame.animate([from, { opacity: 1, transform: "none", transformOrigin: "100% 100%" }], {
      duration: 220,
      easing: "cubic-bezier(.2, .9, .3, 1)",
    });
  }

  let told = "";
  let referrer = document.referrer;

  function tellPage(again) {
    if (!frame.contentWindow) return;
    const url = location.href;
    if (url === told && !again) return;
    if (told && url !== told) referrer = told;
    told = url;
    const page = { url, title: document.title, referrer, language: pageLanguage() };
    frame.contentWindow.postMessage({ source: "chatplatform-loader", type: "page", ...page }, origin);
  }

  // A single-page site sets its title after it changed the address.
  const pageMayHaveChanged = () => setTimeout(tellPage, 50);
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...args) {
      const result = original.apply(this, args);
      pageMayHaveChanged();
      return result;
    };
  }
  window.addEventListener("popstate", pageMayHaveChanged);
  window.addEventListener("hashchange", pageMayHaveChanged);

  window.addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== frame.contentWindow) return;
    const message = event.data;
    if (!message || message.source !== "chatplatform-widget" || message.type !== "size") return;
    if (message.state !== "open" && message.state !== "launcher") return;
    const opened = state !== message.state && message.state === "open";
    state = message.state;
    resize();
    if (opened) comeIn();
  });

  frame.addEventListener("load", () => tellPage(true));
  window.addEventListener("resize", resize);
  if (window.visualViewport) {
    window.visualViewport.addEventListener("resize", resize);
    window.visualViewport.addEventListener("scroll", resize);
  }
  resize();

  const place = () => document.body.append(frame);
  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place);
})();
