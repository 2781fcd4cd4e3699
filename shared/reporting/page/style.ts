/**
 * The page's only style; its hash is in the page's policy. Light and dark follow the reader's system. The colours of lines are those
 * of Okabe & Ito (2008), which people with any common kind of colour blindness tell apart; dashes tell them apart without colour.
 */
export const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --muted: #6b6b6b; --grid: #dedede; --band: #e9e9e9; --paper: #fff; --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #56b4e9; --s5: #e69f00; --alarm: #d55e00; --finding: #8a4f7d; --action: #00694d; }
@media (prefers-color-scheme: dark) { :root { --muted: #a8a8a8; --grid: #3a3a3a; --band: #2c2c2c; --paper: #16181a; --s0: #56b4e9; --s1: #e69f00; --s4: #0072b2; --s5: #d55e00; --alarm: #b85200; --finding: #a3649a; --action: #00805e; } }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper); overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.2rem; margin: 2rem 0 .25rem; }
.verdict { font-size: 1.15rem; border-left: .3rem solid var(--s0); padding-left: .8rem; }
.scrolls { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.5rem; font-size: .9rem; }
th, td { border-bottom: 1px solid var(--grid); padding: .35rem .6rem; text-align: left; vertical-align: top; }
td:first-child { white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; font-size: 1rem; }
figure { margin: 1rem 0; }
figcaption { font-size: .9rem; color: var(--muted); }
figcaption b { color: CanvasText; }
figure svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--muted); }
svg .middle { text-anchor: middle; }
svg .end { text-anchor: end; }
svg .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
.grid { stroke: var(--grid); }
.tolerated { fill: var(--band); }
.level { stroke: var(--muted); stroke-dasharray: 2 4; }
.limit { stroke: var(--muted); stroke-width: 1.5; }
.line { fill: none; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; }
.interval { opacity: .2; stroke: none; }
${["none", "8 5", "2 5", "12 4 2 4", "5 3", "10 8"].map((dash, k) => `.line.s${k} { stroke: var(--s${k}); stroke-dasharray: ${dash}; } .interval.s${k} { fill: var(--s${k}); }`).join("\n")}
${["alarm", "finding", "action"].map((kind) => `.${kind} .mark { stroke: var(--${kind}); stroke-width: 1.2; opacity: .75; } .${kind} .glyph { fill: var(--${kind}); }`).join("\n")}
svg .number { fill: #fff; font-size: 12px; font-weight: 600; }
.legend, .marks { list-style: none; padding: 0; margin: .5rem 0; }
.legend li { display: inline-block; margin-right: 1.5rem; }
.legend .key { width: 2.75rem; height: .75rem; vertical-align: middle; }
.marks li { padding: .2rem 0 .2rem 2.2rem; position: relative; }
.marks .key { position: absolute; left: 0; width: 1.875rem; height: 1.75rem; }
.marks time { font-variant-numeric: tabular-nums; color: var(--muted); }
@media (max-width: 40rem) { figure svg text { font-size: 22px; } figure svg .number { font-size: 14px; } }
`;
