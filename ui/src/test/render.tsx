import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, type RenderResult } from '@testing-library/react';
import axe from 'axe-core';
import type { ReactNode } from 'react';
import { MemoryRouter } from 'react-router';
import { FieldHostContext, type FieldHost } from '@/fields/host';
import { kindOf } from '@/fields/registry';
import { ConfirmProvider } from '@/shared/kit/confirm';

// renderInApp renders with everything that pages have around them.
export function renderInApp(node: ReactNode): RenderResult {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={queries}>
      <ConfirmProvider>
        <MemoryRouter>{node}</MemoryRouter>
      </ConfirmProvider>
    </QueryClientProvider>,
  );
}

// hostOf is a page that knows nothing, but for what a test says.
export function hostOf(knows: Partial<FieldHost> = {}): FieldHost {
  return {
    scope: 'test/form',
    kindOf,
    nameOf: () => undefined,
    people: () => Promise.resolve([]),
    person: () => Promise.resolve(undefined),
    departments: () => Promise.resolve([]),
    records: () => Promise.resolve([]),
    record: () => Promise.resolve(undefined),
    recordHref: () => undefined,
    upload: () => Promise.reject(new Error('no uploads here')),
    fileHref: (id) => '/files/' + id,
    lookup: () => undefined,
    busy: () => undefined,
    ...knows,
  };
}

export function WithHost({ host = hostOf(), children }: { host?: FieldHost; children: ReactNode }): ReactNode {
  return <FieldHostContext value={host}>{children}</FieldHostContext>;
}

// accessibilityFaults are the rules of WCAG 2.2 AA that what is shown breaks. Colours need a real browser.
export async function accessibilityFaults(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'],
    rules: { 'color-contrast': { enabled: false } },
  });
  return violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`);
}
