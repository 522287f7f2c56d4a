// How the page looks. Rule: colours are named once for light and once for dark, and each keeps 4.5:1 against its ground.

export const STYLE: string = `
:root{color-scheme:light dark;--ground:#fbfaf7;--card:#fff;--ink:#1f2328;--soft:#59616b;--line:#e2dfd8;
--pass:#1a7f4b;--fail:#b3261e;--warn:#8a5a00;--na:#66707b;--code:#f3f1ec}
@media (prefers-color-scheme:dark){:root{--ground:#15181c;--card:#1c2025;--ink:#e6e8eb;--soft:#a3acb7;--line:#30363d;
--pass:#5cc98d;--fail:#ff8a80;--warn:#e3b341;--na:#9aa4b0;--code:#111418}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
.kicker{margin:0;color:var(--soft);font-size:.85rem;letter-spacing:.04em}
h1{margin:.1rem 0;font-size:1.9rem;line-height:1.2}
h2{margin:2.5rem 0 .75rem;font-size:1.2rem}
h3{margin:0 0 .4rem;font-size:1.02rem}
.where,footer{color:var(--soft);font-size:.9rem;margin:.2rem 0}
.verdict{font-size:1.15rem;font-weight:600;margin:1rem 0}
.pass{--tone:var(--pass)}.fail,.suite-error{--tone:var(--fail)}.warn,.prerequisite-failed{--tone:var(--warn)}
.not-applicable{--tone:var(--na)}
.verdict{color:var(--tone)}
.bar{display:flex;gap:2px;height:.7rem;border-radius:.35rem;overflow:hidden;margin-top:1.25rem}
.bar span{background:var(--tone);flex-basis:0;min-width:4px}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;list-style:none;margin:.6rem 0 0;padding:0;font-size:.92rem}
.legend b{color:var(--tone)}
.card{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:.5rem;padding:1rem 1.2rem;margin:0 0 1rem}
.card p{margin:.2rem 0 .7rem}
.tag{display:inline-block;color:var(--tone);border:1px solid var(--tone);border-radius:1rem;padding:0 .55rem;font-size:.76rem;font-weight:600;white-space:nowrap}
blockquote{margin:.6rem 0;padding:.1rem 0 .1rem .9rem;border-left:2px solid var(--line);color:var(--soft)}
blockquote cite{display:block;font-size:.82rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.7rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
details summary{cursor:pointer}
pre{background:var(--code);border-radius:.4rem;padding:.8rem;margin:.5rem 0;font-size:.82rem;line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere}
.section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;margin:0 0 .6rem}
.section>summary{padding:.7rem 1rem;font-weight:600}
.sum{color:var(--soft);font-weight:400;margin-left:.4rem}
table{width:100%;border-collapse:collapse;font-size:.92rem}
td{padding:.55rem .6rem;border-top:1px solid var(--line);vertical-align:top}
td:first-child{padding-left:1rem}td:nth-child(-n+2){width:1%;white-space:nowrap}td:nth-child(3){overflow-wrap:anywhere}
.ms{color:var(--soft);white-space:nowrap;text-align:right;padding-right:1rem}
footer{margin-top:2rem}
@media (max-width:38rem){td.ms{display:none}td{padding:.5rem .4rem}}
`.trim();
