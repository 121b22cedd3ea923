// An article's text as preact nodes: the part of Markdown that people write answers in. Everything else, HTML above all,
// stays the text that it is.

import { h } from "preact";
import { safeAddress, textNodes } from "./text.js";

const FENCE = /^\s*(`{3,}|~{3,})/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/;
const QUOTE = /^\s*>\s?(.*)$/;
const ROW = /^\s*\|.*\|\s*$/;
const DIVIDER = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;
/** The page has headings of its own above those of an article. */
const HEADING_BELOW = 3;
const DEEPEST_HEADING = 6;
const DEEPEST_LIST = 4;
/** Code, then bold, then italics, then links; what is not closed stays text. */
const INLINE = /(`+)(.+?)\1|\*\*(?=\S)(.+?)\*\*|__(?=\S)(.+?)__|(?<![\w*])\*(?=\S)([^*]+?)\*|(?<!\w)_(?=\S)([^_]+?)_(?!\w)|\[([^\]]+)\]\(([^()\s]+)\)/u;

/** @param {string} source Markdown @returns {object[]} preact nodes */
export function markdownNodes(source) {
  return blocks(source.replace(/\r\n?/g, "\n").split("\n"), 0);
}

function blocks(lines, depth) {
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const [node, next] =
      line.trim() === "" ? [null, at + 1]
      : FENCE.test(line) ? code(lines, at)
      : HEADING.test(line) ? heading(lines, at)
      : RULE.test(line) ? [h("hr"), at + 1]
      : QUOTE.test(line) ? quote(lines, at, depth)
      : isTable(lines, at) ? table(lines, at)
      : ITEM.test(line) && depth < DEEPEST_LIST ? list(lines, at, depth)
      : paragraph(lines, at); // prettier-ignore
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

function code(lines, at) {
  const [, fence] = FENCE.exec(lines[at]);
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(fence)) end++;
  return [h("pre", null, h("code", null, lines.slice(at + 1, end).join("\n"))), end + 1];
}

function heading(lines, at) {
  const [, signs, text] = HEADING.exec(lines[at]);
  const level = Math.min(DEEPEST_HEADING, signs.length + HEADING_BELOW - 1);
  return [h(`h${level}`, null, ...inline(text)), at + 1];
}

function quote(lines, at, depth) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end++;
  const inner = lines.slice(at, end).map((line) => QUOTE.exec(line)[1]);
  const nodes = depth < DEEPEST_LIST ? blocks(inner, depth + 1) : inline(inner.join(" "));
  return [h("blockquote", null, ...nodes), end];
}

function isTable(lines, at) {
  return ROW.test(lines[at]) && at + 1 < lines.length && DIVIDER.test(lines[at + 1]);
}

function table(lines, at) {
  const cells = (line) => line.trim().slice(1, -1).split("|").map((cell) => cell.trim());
  let end = at + 2;
  while (end < lines.length && ROW.test(lines[end])) end++;
  const row = (line, kind) => h("tr", null, ...cells(line).map((cell) => h(kind, null, ...inline(cell))));
  const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
  return [h("table", null, h("thead", null, row(lines[at], "th")), h("tbody", null, ...body)), end];
}

/** Items of one kind; what is indented below an item belongs to it. */
function list(lines, at, depth) {
  const [, indent, bullet, number] = ITEM.exec(lines[at]);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const found = ITEM.exec(lines[end]);
    const isNext = found && found[1].length <= indent.length + 1 && Boolean(found[2]) === Boolean(bullet);
    const isInside = items.length > 0 && /^\s{2,}\S/.test(lines[end]) && lines[end].search(/\S/) > indent.length;
    const isLazy = items.length > 0 && lines[end].trim() !== "" && !startsBlock(lines, end) && lines[end - 1].trim() !== "";
    if (isNext) items.push([found[4]]);
    else if (isInside || isLazy) items.at(-1).push(lines[end]);
    else if (lines[end].trim() === "" && continues(lines, end + 1, indent)) items.at(-1).push("");
    else break;
    end++;
  }
  const nodes = items.map((item) => h("li", null, ...itemNodes(item, depth)));
  return [bullet ? h("ul", null, ...nodes) : h("ol", { start: Number(number) }, ...nodes), end];
}

/** Whether after an empty line the list goes on. */
function continues(lines, at, indent) {
  const line = lines[at] ?? "";
  return (ITEM.test(line) && ITEM.exec(line)[1].length >= indent.length) || /^\s{2,}\S/.test(line);
}

function itemNodes([first, ...rest], depth) {
  const below = rest.findIndex((line) => line.trim() === "" || ITEM.test(line));
  const [own, inner] = below < 0 ? [rest, []] : [rest.slice(0, below), rest.slice(below)];
  const outdent = Math.min(...inner.filter((line) => line.trim()).map((line) => line.search(/\S/)), 40);
  const text = [first, ...own.map((line) => line.trim())].join(" ");
  return [...inline(text), ...blocks(inner.map((line) => line.slice(Math.min(outdent, line.length))), depth + 1)];
}

function startsBlock(lines, at) {
  const line = lines[at];
  return [FENCE, HEADING, RULE, QUOTE, ITEM].some((start) => start.test(line)) || isTable(lines, at);
}

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() !== "" && !startsBlock(lines, end)) end++;
  const nodes = lines.slice(at, end).flatMap((line, index) => [...(index ? [h("br")] : []), ...inline(line.trim())]);
  return [h("p", null, ...nodes), end];
}

/** One line: bold, italics, code, links; addresses that just stand there become links as everywhere. */
function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index > 0) nodes.push(...textNodes(rest.slice(0, found.index)));
    nodes.push(span(found));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) nodes.push(...textNodes(rest));
  return nodes;
}

function span([whole, , source, strong, strongToo, weak, weakToo, label, address]) {
  if (source !== undefined) return h("code", null, source);
  if (strong ?? strongToo) return h("strong", null, ...inline(strong ?? strongToo));
  if (weak ?? weakToo) return h("em", null, ...inline(weak ?? weakToo));
  const href = safeAddress(address);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, label) : whole;
}
