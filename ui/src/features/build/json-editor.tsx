import { json } from '@codemirror/lang-json';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef, type ReactNode } from 'react';

export interface JsonEditorProps {
  // value is what it starts with; give another key to start again.
  value: string;
  onChange: (value: string) => void;
  label: string;
  readOnly?: boolean;
}

const look = EditorView.theme({
  '&': { height: '100%', fontSize: 'var(--text-s)', backgroundColor: 'var(--surface)', color: 'var(--ink)' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)' },
  '.cm-gutters': { backgroundColor: 'var(--surface-sunken)', color: 'var(--ink-faint)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--surface-active) 50%, transparent)' },
  // The colours of the words are made for a light ground.
  ":root[data-theme='dark'] & .cm-line span": { color: 'inherit' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent) !important' },
});

// JsonEditor is loaded on the desk only: it is too heavy for a phone.
export function JsonEditor({ value, onChange, label, readOnly = false }: JsonEditorProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (!place.current) return undefined;
    const view = new EditorView({
      doc: value,
      parent: place.current,
      extensions: [
        basicSetup,
        json(),
        look,
        EditorView.lineWrapping,
        EditorView.editable.of(!readOnly),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }), // also what is only read is scrolled by key
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current(update.state.doc.toString());
        }),
      ],
    });
    return () => view.destroy();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the editor holds its text itself from then on
  }, []);
  return <div ref={place} className="sw-json" />;
}
