import { createHash } from "node:crypto";
import { escapeHtml } from "../escapeHtml.ts";
import type { Report, Section, Tone } from "../report.ts";
import { blockHtml } from "./blocks.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

/**
 * A report as one self-contained HTML page: it needs no network, and its policy allows its one style and its one script by their hashes,
 * and nothing else. Every text of the report is escaped.
 */
export function page({ title, verdict, tone, about, sections }: Report): string {
  const policy = `default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-${hashOf(style)}'; script-src 'sha256-${hashOf(script)}'`;
  const shown = sections.filter(({ blocks }) => blocks.length > 0);
  const links = shown.map(({ title: name }, k) => `<li><a href="#s${k + 1}">${escapeHtml(name)}</a></li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body>
<header><p class="product">Assay report</p><h1>${escapeHtml(title)}</h1>
<p class="verdict ${tone}"><span class="word">${toneWords[tone]}</span> ${escapeHtml(verdict)}</p>
${about.map((text) => `<p class="about">${escapeHtml(text)}</p>`).join("\n")}</header>
<nav aria-label="Sections"><ul>${links.join("")}</ul></nav>
<main>
${shown.map((section, k) => sectionHtml(section, k + 1)).join("\n")}
</main>
<script>${script}</script></body></html>
`;
}

const toneWords: Record<Tone, string> = { good: "✓ Good", bad: "▲ Attention", unsure: "? Not known" };

function sectionHtml({ title, blocks }: Section, number: number): string {
  return `<section aria-labelledby="s${number}"><h2 id="s${number}">${escapeHtml(title)}</h2>\n${blocks.map(blockHtml).join("\n")}\n</section>`;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64");
