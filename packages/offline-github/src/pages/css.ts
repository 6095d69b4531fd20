/** The style sheet of all pages. Pages load nothing from other hosts. */
export const CSS = `
:root { color-scheme: light dark; --bg: #fff; --soft: #f6f8fa; --text: #1f2328; --muted: #59636e; --line: #d1d9e0;
  --link: #0969da; --green: #1f883d; --green-text: #fff; --red: #cf222e; --header: #24292f; --note: #fff8c5; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #0d1117; --soft: #151b23; --text: #f0f6fc; --muted: #9198a1; --line: #3d444d;
    --link: #4493f8; --green: #238636; --green-text: #fff; --red: #f85149; --header: #010409; --note: #272115; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text);
  font: 14px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.banner { background: var(--note); border-bottom: 1px solid var(--line); padding: 2px 16px; font-size: 12px;
  color: var(--muted); text-align: center; }
.top { background: var(--header); color: #f0f6fc; display: flex; align-items: center; gap: 16px; padding: 12px 24px; }
.top a { color: #f0f6fc; font-weight: 600; } .top .spacer { flex: 1; }
.top form { display: inline; } .top .btn { background: transparent; color: #f0f6fc; border-color: #57606a; }
main { max-width: 780px; margin: 32px auto; padding: 0 16px 48px; }
main.narrow { max-width: 440px; }
h1 { font-size: 24px; font-weight: 600; margin: 0 0 16px; } h2 { font-size: 16px; margin: 24px 0 8px; }
.muted { color: var(--muted); } .small { font-size: 12px; }
.box { border: 1px solid var(--line); border-radius: 6px; margin: 16px 0; overflow: hidden; }
.box > .head { background: var(--soft); padding: 12px 16px; font-weight: 600; border-bottom: 1px solid var(--line); }
.box > .body { padding: 16px; }
ul.rows { list-style: none; margin: 0; padding: 0; }
ul.rows > li { display: flex; align-items: center; gap: 12px; padding: 10px 16px; border-top: 1px solid var(--line); }
ul.rows > li:first-child { border-top: 0; } ul.rows .grow { flex: 1; min-width: 0; }
ul.rows > li.has-form > form { display: flex; align-items: center; gap: 12px; flex: 1; }
.avatar { border-radius: 50%; vertical-align: middle; } .avatar.org { border-radius: 6px; }
.btn { display: inline-block; font: inherit; font-weight: 500; padding: 5px 16px; border-radius: 6px; cursor: pointer;
  border: 1px solid var(--line); background: var(--soft); color: var(--text); }
.btn.primary { background: var(--green); color: var(--green-text); border-color: transparent; }
.btn.danger { color: var(--red); } .btn.wide { width: 100%; text-align: center; }
a.btn:hover { text-decoration: none; }
.label { border: 1px solid var(--line); border-radius: 2em; font-size: 12px; padding: 0 7px; color: var(--muted); }
input[type=text], input[type=search], select { font: inherit; padding: 5px 12px; border: 1px solid var(--line);
  border-radius: 6px; background: var(--bg); color: var(--text); width: 100%; max-width: 320px; }
fieldset { border: 0; padding: 0; margin: 0 0 16px; } legend { font-weight: 600; padding: 0; margin-bottom: 8px; }
.choice { display: block; padding: 4px 0; }
.choice + .muted { margin: 0 0 8px 28px; }
.repositories { border: 1px solid var(--line); border-radius: 6px; max-height: 320px; overflow: auto; padding: 8px 16px; margin: 8px 0 16px; }
form:has(input[value=all]:checked) .repositories { display: none; }
.flash { background: var(--note); border: 1px solid var(--line); border-radius: 6px; padding: 12px 16px; margin-bottom: 16px; }
.actions { display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
table { width: 100%; border-collapse: collapse; font-size: 12px; } .scroll { overflow-x: auto; }
th, td { text-align: left; padding: 6px 8px; border-bottom: 1px solid var(--line); white-space: nowrap; }
code { font: 12px ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
.danger-zone { border-color: var(--red); }
`;
