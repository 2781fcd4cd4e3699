/**
 * The page's only style; its hash is in the page's policy. Light and dark follow the reader's system. The colours of lines are those
 * of Okabe & Ito (2008), which people with any common kind of colour blindness tell apart; dashes tell them apart without colour.
 */
export const style = `
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; --ink: #1b1f23; --muted: #5c6368; --grid: #dde1e4; --band: #e6eaed; --paper: #f6f7f8; --card: #fff; --link: #005a91; --good: #00694d; --bad: #a8420a; --unsure: #5c6368; --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #56b4e9; --s5: #e69f00; --alarm: #c05000; --finding: #8a4f7d; --action: #00694d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaec; --muted: #a4adb3; --grid: #353b40; --band: #2b3136; --paper: #101214; --card: #191c1f; --link: #7cc0ee; --good: #4ecb9f; --bad: #f0a05a; --unsure: #a4adb3; --s0: #56b4e9; --s1: #e69f00; --s4: #0072b2; --s5: #d55e00; --alarm: #b85200; --finding: #a3649a; --action: #00805e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 66rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink); overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
h4 { font-size: .8rem; margin: .5rem 0 0; color: var(--muted); }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.product { margin: 0; font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--muted); }
.about, .none, .note, figcaption, .where, dd { color: var(--muted); }
.about { margin: .25rem 0; font-size: .9rem; }
.verdict { font-size: 1.15rem; line-height: 1.5; padding: 1rem 1.1rem; margin: 0 0 1rem; background: var(--card); border: 1px solid var(--grid); border-left: .4rem solid var(--unsure); border-radius: .6rem; }
.verdict .word { display: block; font-size: .85rem; font-weight: 700; color: var(--unsure); }
.verdict.good { border-left-color: var(--good); } .verdict.bad { border-left-color: var(--bad); }
.verdict.good .word, td .good, th .good { color: var(--good); } .verdict.bad .word, td .bad, th .bad { color: var(--bad); } td .unsure { color: var(--unsure); }
nav ul, .tiles, .legend, .marks { list-style: none; padding: 0; margin: .75rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; font-size: .9rem; }
section { background: var(--card); border: 1px solid var(--grid); border-radius: .6rem; padding: 1.1rem; margin: 1rem 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .6rem; margin: 0 0 1rem; }
.tiles li { border: 1px solid var(--grid); border-radius: .5rem; padding: .6rem .8rem; }
.tiles span { display: block; } .tiles .sign { display: inline; }
.tiles .name, .tiles .note { font-size: .8rem; line-height: 1.35; color: var(--muted); } .tiles .value { font-size: 1.4rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.tiles .good .sign { color: var(--good); } .tiles .bad .sign { color: var(--bad); } .tiles .unsure .sign { color: var(--unsure); }
.scrolls { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; overflow-wrap: normal; }
th, td { border-bottom: 1px solid var(--grid); padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; } tbody th { font-weight: 500; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
caption { text-align: left; font-weight: 600; padding: .25rem 0 .5rem; font-size: .95rem; }
td:last-child:not(.number) { overflow-wrap: anywhere; min-width: 10rem; } .ranged, td time { white-space: nowrap; } tbody th { white-space: nowrap; }
.ranged svg { display: inline-block; width: 6.6rem; height: 1.1rem; vertical-align: -.2rem; margin-right: .6rem; }
.whisker { stroke: var(--s0); stroke-width: 4; stroke-linecap: round; opacity: .55; } .dot { fill: var(--s0); }
figure { margin: 1.25rem 0; } figcaption { font-size: .88rem; } figcaption h3 { color: var(--ink); display: inline; margin: 0; }
figure svg { display: block; width: 100%; height: auto; }
.drawing { cursor: crosshair; touch-action: pan-y; border-radius: .3rem; }
output { display: block; min-height: 1.5rem; font-size: .85rem; white-space: pre-wrap; font-variant-numeric: tabular-nums; color: var(--muted); }
svg text { font: 11px system-ui, sans-serif; fill: var(--muted); }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .halo { paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.grid { stroke: var(--grid); } .tolerated { fill: var(--band); } .cursor { stroke: var(--ink); stroke-dasharray: 3 3; }
.level { stroke: var(--muted); stroke-dasharray: 2 4; } .limit { stroke: var(--muted); stroke-width: 1.5; } .was { stroke: var(--ink); stroke-width: 2; }
.line { fill: none; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; } .interval { opacity: .2; stroke: none; }
${["none", "8 5", "2 5", "12 4 2 4", "5 3", "10 8"].map((dash, k) => `.line.s${k} { stroke: var(--s${k}); stroke-dasharray: ${dash}; } .interval.s${k}, .bar.s${k} { fill: var(--s${k}); }`).join("\n")}
${["alarm", "finding", "action"].map((kind) => `.${kind} .mark { stroke: var(--${kind}); stroke-width: 1.2; opacity: .75; } .${kind} .glyph { fill: var(--${kind}); }`).join("\n")}
svg .number { fill: #fff; font-size: 12px; font-weight: 600; }
.legend li { display: inline-block; margin-right: 1.5rem; } .legend .key { width: 2.75rem; height: .75rem; vertical-align: middle; }
.marks li { padding: .15rem 0 .15rem 2.2rem; position: relative; font-size: .92rem; }
.marks .key { position: absolute; left: 0; width: 1.875rem; height: 1.75rem; } .marks time { font-variant-numeric: tabular-nums; color: var(--muted); }
summary { cursor: pointer; padding: .2rem 0; } .figures summary, .how summary { font-size: .85rem; color: var(--link); } .figures table { font-size: .8rem; }
.examples details { border: 1px solid var(--grid); border-radius: .5rem; padding: .3rem .8rem; margin: .4rem 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--paper); border-radius: .4rem; padding: .6rem .8rem; margin: .25rem 0; font: .82rem/1.5 ui-monospace, monospace; }
dl { margin: .5rem 0; font-size: .88rem; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; } .where { font-size: .8rem; }
@media (max-width: 40rem) { figure svg text { font-size: 20px; } .bars svg { overflow: visible; margin-bottom: 1rem; } .bars text:nth-of-type(even) { transform: translateY(20px); } caption span { display: inline-block; max-width: calc(100vw - 4rem); position: sticky; left: 0; } figure svg .number { font-size: 14px; } section { padding: .8rem; } .scrolls table { width: max-content; min-width: 100%; max-width: 60rem; } }
@media print { :root { font-size: 11pt; --paper: #fff; } body { max-width: none; padding: 0; } nav, output, .figures { display: none; } section { border: none; padding: 0; } figure, tr, .verdict, .tiles li { break-inside: avoid; } h2, h3 { break-after: avoid; } .scrolls { overflow: visible; } }
`;
