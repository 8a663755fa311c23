import js from '@eslint/js';
import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import { globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

const floors = [
  { from: 'shared', to: ['fields', 'features', 'app'], why: 'shared is the ground: it knows neither fields nor features' },
  { from: 'fields', to: ['features', 'app'], why: 'fields are used by features, not the other way round' },
  { from: 'features', to: ['app'], why: 'features do not know the app that holds them' },
];

export default ts.config(
  globalIgnores(['dist', 'harness', 'src/shared/client/schema.gen.ts']),
  js.configs.recommended,
  ...ts.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [a11y.flatConfigs.recommended, hooks.configs.flat['recommended-latest']],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'name what you export' }],
      'no-console': 'error',
      eqeqeq: 'error',
      // The advice is for the React Compiler, which is not in use.
      'react-hooks/incompatible-library': 'off',
      // A label may name its control by id.
      'jsx-a11y/label-has-associated-control': ['error', { assert: 'either' }],
    },
  },
  ...floors.map(({ from, to, why }) => ({
    files: [`src/${from}/**/*.{ts,tsx}`],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: to.map((floor) => `@/${floor}/*`), message: why }] }] },
  })),
  {
    // Tests look into components from outside and label controls by hand.
    files: ['src/**/*.test.tsx'],
    rules: { 'react-hooks/globals': 'off', 'jsx-a11y/label-has-associated-control': 'off' },
  },
  {
    // CEL's equality compares a bigint with a double, which === never does.
    files: ['src/shared/expr/**'],
    rules: { eqeqeq: 'off' },
  },
  {
    files: ['scripts/*.mjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['public/*.js'],
    languageOptions: { globals: { document: 'readonly', localStorage: 'readonly', navigator: 'readonly', matchMedia: 'readonly' } },
  },
);
