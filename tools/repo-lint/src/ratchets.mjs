// Counts that may only fall. The limits are in ratchet.json; `--update` lowers them and never raises one.
import { filesIn, isGenerated, isTest, textOf } from './tree.mjs';

const neutral = ['core', 'compute', 'conformance'];
const nativeWords =
  /\b(libvirtd?|qemu|vsphere|vcenter|vmware|esxi?|hyper-?v|xapi|xen(server|api)?|kvm|virsh|domains?|datastores?|morefs?|vdis?|vbds?)\b/gi;

const codeOf = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
/** Without what strings and templates say; code inside templates stays. */
const withoutTexts = (text) =>
  text
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/`(?:[^`\\]|\\.)*`/g, (template) => (template.match(/\$\{[^}]*\}/g) ?? []).join(' '));
const count = (text, pattern) => (text.match(pattern) ?? []).length;

/** What is counted: per package for code, per file for words, so that a new offence cannot hide behind an old one. */
const counters = {
  any: { of: (text) => count(codeOf(text), /[:<,|&(]\s*any\b(?!\s*:)|\bas any\b/g), per: 'package' },
  casts: {
    of: (text) => count(withoutTexts(codeOf(text)), /\bas (?!const\b)(?=[A-Za-z{[(])[^'";\n]*/g),
    per: 'package',
    imports: true,
  },
  disabledRules: {
    of: (text) => count(text, /eslint-disable|@ts-expect-error|@ts-ignore|@ts-nocheck/g), // Finds them; silences nothing.
    per: 'package',
  },
  nativeWords: { of: (text) => count(text, nativeWords), per: 'file' },
};

const withoutImports = (text) => text.replace(/^(import|export)\b[^;]*?\bfrom '[^']+';/gm, '');

function applies(counter, file) {
  if (isTest(file) || isGenerated(file) || !/^(packages|tools)\/[^/]+\/src\/.*\.ts$/.test(file)) return false;
  if (counter !== 'nativeWords') return true;
  return neutral.includes(file.split('/')[1]);
}

const keyOf = (per, file) => (per === 'file' ? file : file.split('/').slice(0, 2).join('/'));

/** Counts the tree: counter → package or file → number above zero. */
export function measure(root) {
  const files = ['packages', 'tools'].flatMap((folder) => filesIn(root, folder));
  return Object.fromEntries(
    Object.entries(counters).map(([name, { of, per, imports }]) => {
      const totals = {};
      for (const file of files.filter((each) => applies(name, each))) {
        const text = textOf(root, file);
        const found = of(imports ? withoutImports(text) : text);
        if (found > 0) totals[keyOf(per, file)] = (totals[keyOf(per, file)] ?? 0) + found;
      }
      return [name, totals];
    }),
  );
}

/** @param {Record<string, Record<string, number>>} limits */
export function checkRatchets(measured, limits) {
  return Object.entries(measured).flatMap(([name, totals]) =>
    Object.entries(totals)
      .filter(([key, found]) => found > (limits[name]?.[key] ?? 0))
      .map(([key, found]) => `${key} has ${found} ${name}, and ${limits[name]?.[key] ?? 0} is the limit.`),
  );
}

/** The limits after an improvement: what was measured, never above what was allowed. */
export function lowered(measured, limits) {
  const lower = ([name, totals]) => {
    const kept = Object.entries(limits[name] ?? {})
      .map(([key, limit]) => [key, Math.min(limit, totals[key] ?? 0)])
      .filter(([, limit]) => limit > 0);
    return [name, Object.fromEntries(kept)];
  };
  return Object.fromEntries(Object.entries(measured).map(lower));
}
