import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';
import type { EditorProps } from '../kind';

// onDesk loads a desk editor only when one is shown, so that phones never load the library it is made with.
export function onDesk(load: () => Promise<ComponentType<EditorProps>>): ComponentType<EditorProps> {
  const Editor = lazy(async () => ({ default: await load() }));
  return function DeskEditor(props: EditorProps): ReactNode {
    return (
      <Suspense fallback={<span className="sw-input sw-input-waiting" />}>
        <Editor {...props} />
      </Suspense>
    );
  };
}
