import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const src = fileURLToPath(new URL('./src', import.meta.url));

// The groups of words that the first pages of a phone use; shared/i18n/i18n.ts loads the others after them.
const firstWords = new Set(['action', 'app', 'error', 'field', 'file', 'form', 'kit', 'nav', 'record', 'session', 'tasks', 'time', 'today', 'validation']);

// words gives a language's file in two parts: `virtual:words/zh-CN/first` and `…/rest`.
function words(): Plugin {
  const name = 'virtual:words/';
  return {
    name: 'stepwell-words',
    resolveId: (id) => (id.startsWith(name) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${name}`)) return null;
      const [language = '', part] = id.slice(name.length + 1).split('/');
      const path = `${src}/locales/${language}.json`;
      this.addWatchFile(path);
      const all = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
      const wanted = Object.entries(all).filter(([group]) => firstWords.has(group) === (part === 'first'));
      return `export default ${JSON.stringify(Object.fromEntries(wanted))}`;
    },
  };
}

export default defineConfig({
  plugins: [words(), react()],
  resolve: { alias: { '@': src } },
  server: {
    port: 5173,
    proxy: { '/api': { target: 'http://127.0.0.1:8080', changeOrigin: false } },
  },
  build: {
    target: 'es2022',
    manifest: true,
    // The content security policy forbids data: scripts and keeps fonts and images to files of our own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Few big files compress better than many small ones, and a library changes less often than the product.
            { name: 'frame', test: /node_modules\/(react|react-dom|scheduler|react-router|i18next|react-i18next|zustand|use-sync-external-store|openapi-fetch)\/|node_modules\/@tanstack\/(query-core|react-query)\// },
            // What every page stands on, in one piece rather than thirty.
            { name: 'ground', test: /\/src\/shared\/(?:client|definition|i18n)\/|\/src\/shared\/[a-z-]+\.ts$|\/src\/shared\/kit\/(?:avatar|button|chip|confirm|icon|mark|page-title|search-box|sheet|states|toast|use-focus-trap|use-phone)\.tsx?$/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    css: false,
    restoreMocks: true,
  },
});
