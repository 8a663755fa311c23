import { QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ConfirmProvider } from '@/shared/kit/confirm';
import { Toasts } from '@/shared/kit/toast';
import { ErrorBoundary } from './error-boundary';
import { newQueryClient } from './query-client';
import { Router } from './router';

export function App(): ReactNode {
  const [queries] = useState(newQueryClient);
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queries}>
        <ConfirmProvider>
          <Router />
          <Toasts />
        </ConfirmProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
