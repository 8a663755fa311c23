import { QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { RouterProvider } from 'react-router/dom';
import { ConfirmProvider } from '@/shared/kit/confirm';
import { Toasts } from '@/shared/kit/toast';
import { ErrorBoundary } from './error-boundary';
import { newQueryClient } from './query-client';
import { newRouter } from './router';

export function App(): ReactNode {
  const [queries] = useState(newQueryClient);
  const [router] = useState(newRouter);
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queries}>
        <ConfirmProvider>
          <RouterProvider router={router} />
          <Toasts />
        </ConfirmProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
