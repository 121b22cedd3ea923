import { h } from "preact";
import htm from "htm";

/** Markup as a tagged template; what is interpolated becomes text or properties, never HTML. */
export const html = htm.bind(h);
