// Fails when a language lacks a wording that another has, when a wording is used nowhere, when one is used that does not
// exist, and when a component holds words of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');
const faults = [];

const languages = ['zh-CN', 'en'];
const plural = /_(zero|one|two|few|many|other)$/;

function flatten(node, prefix = '') {
  return Object.entries(node).flatMap(([key, value]) => (typeof value === 'string' ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`)));
}

const wordings = Object.fromEntries(languages.map((language) => [language, new Map(flatten(JSON.parse(read(`src/locales/${language}.json`))))]));
const keys = new Set(languages.flatMap((language) => [...wordings[language].keys()].map((key) => key.replace(plural, ''))));

const places = (text) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort().join();
for (const key of keys) {
  const shapes = languages.map((language) => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const plain = wordings[language].get(key);
    const needed = plain === undefined ? forms.map((form) => `${key}_${form}`) : [key];
    for (const one of needed) if (!wordings[language].get(one)) faults.push(`${language}.json lacks ${one}`);
    return places(wordings[language].get(needed.at(-1)) ?? '');
  });
  if (new Set(shapes).size > 1) faults.push(`${key} has different {{places}} in different languages: ${shapes.join(' | ')}`);
}

function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(path) && !/\.(test|gen)\.tsx?$/.test(path) ? [path] : [];
  });
}

const used = new Set();
const usedPrefixes = new Set();
const han = /\p{Script=Han}/u;
// Attributes that people read or hear.
const spoken = new Set(['title', 'label', 'placeholder', 'alt', 'aria-label', 'text', 'action']);
// Names that are the same in every language.
const names = new Set(['简体中文', 'English', 'Stepwell', '*', '!', '%']);

for (const path of sources('src')) {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true, path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const fault = (node, what) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    faults.push(`${relative('', path)}:${line + 1} ${what}`);
  };
  const visit = (node) => {
    if (ts.isCallExpression(node) && /(^|\.)t$/.test(node.expression.getText())) {
      const [key] = node.arguments;
      if (key && ts.isStringLiteralLike(key)) {
        used.add(key.text);
        if (!keys.has(key.text)) fault(key, `no wording ${key.text}`);
      } else if (key && ts.isTemplateExpression(key)) usedPrefixes.add(key.head.text);
      else if (key && ts.isConditionalExpression(key)) {
        for (const side of [key.whenTrue, key.whenFalse]) if (ts.isStringLiteralLike(side)) used.add(side.text);
      }
    }
    if (ts.isJsxText(node) && /\p{L}{2}/u.test(node.text) && !names.has(node.text.trim())) fault(node, `words in the component: ${node.text.trim()}`);
    if (ts.isJsxAttribute(node) && spoken.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer) && /\p{L}{2}/u.test(node.initializer.text)) {
      fault(node, `words in the component: ${node.initializer.text}`);
    }
    if (ts.isStringLiteralLike(node) && han.test(node.text) && !names.has(node.text)) fault(node, `words in the code: ${node.text}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
}

for (const key of keys) {
  if (!used.has(key) && ![...usedPrefixes].some((prefix) => key.startsWith(prefix))) faults.push(`${key} is used nowhere`);
}

if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
console.log(`${keys.size} wordings in ${languages.length} languages, all used, none missing`);
