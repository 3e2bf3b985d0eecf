// Runs the board's script outside a browser: page_run.js PAGE NOW_MS, the answers of the API as JSON on standard input; prints the
// text that each named element ends up with, cells divided by bars.
'use strict';
const fs = require('fs');
const vm = require('vm');

const [file, now] = process.argv.slice(2);
const answers = JSON.parse(fs.readFileSync(0, 'utf8'));
const source = /<script>([\s\S]*)<\/script>/.exec(fs.readFileSync(file, 'utf8'))[1];

class Node {
  constructor(tag) { this.tag = tag; this.children = []; this.style = {}; this.value = ''; }
  append(...nodes) { this.children.push(...nodes); }
  replaceChildren(...nodes) { this.children = nodes; }
  set textContent(text) { this.children = [text]; }
  get text() { return this.children.map(c => c instanceof Node ? c.text : c).join('') + (this.tag === 'td' ? '|' : ''); }
  scrollIntoView() {}
}
class FixedDate extends Date {
  constructor(...args) { super(...(args.length ? args : [Number(now)])); }
  static now() { return Number(now); }
}

const named = {};
vm.runInNewContext(source, {
  Node,
  Date: FixedDate,
  URLSearchParams,
  document: { hidden: false, getElementById: id => named[id] ||= new Node(id), createElement: tag => new Node(tag), addEventListener() {} },
  location: { hash: '' },
  addEventListener() {},
  matchMedia: () => ({ matches: false }),
  setInterval() {},
  fetch: async path => ({ ok: true, status: 200, json: async () => answers[path.replace(/\?.*/, '')] }),
});
process.on('beforeExit', () => {
  console.log(JSON.stringify(Object.fromEntries(Object.entries(named).map(([id, node]) => [id, node.text]))));
  process.exit(0);
});
