// The frame's beginning: makes the parts, joins them, and draws whenever one of them changed.

import { render } from "preact";

import { brandProperties } from "../shared/colours.js";
import { openHost } from "./host.js";
import { html } from "./html.js";
import { openMemory } from "./memory.js";
import { clock, config, say } from "./page.js";
import { openSession } from "./session.js";
import { openTray } from "./tray.js";
import { openImages } from "./uploads.js";
import { App } from "./views/app.js";

const root = document.getElementById("root");
const memory = openMemory(config.website.key);
let open = memory.getInTab("open") === "yes";
let closedByPerson = false;
let drawing = false;

for (const [name, value] of Object.entries(brandProperties(config.organisation.colour))) {
  document.documentElement.style.setProperty(name, value);
}

const host = openHost({ origins: config.website.origins, onPage: (page) => session.visitPage(page) });
const session = openSession({ config, clock, memory, host, onChange: changed });
const images = openImages({ url: config.upload_path, token: session.token });
const tray = openTray({ url: config.upload_path, token: session.token, limits: config.limits, images, say, onChange: changed });

function changed() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    draw();
  });
}

function draw() {
  document.documentElement.dataset.state = open ? "open" : "launcher";
  const parts = { session, tray, images, memory, open, closedByPerson, onOpen: () => show(true), onClose: () => show(false) };
  render(html`<${App} ...${parts} />`, root);
}

function show(next) {
  open = next;
  closedByPerson = !next;
  memory.setInTab("open", next ? "yes" : "");
  if (next) session.start();
  host.size(next ? "open" : "launcher");
  draw();
}

if (open || session.hasBusiness()) session.start();
if (open) host.size("open");
draw();
