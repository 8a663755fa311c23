import { Component, type ReactNode } from 'react';
import { useRouteError } from 'react-router';
import { ErrorState } from '@/shared/kit/states';

interface State {
  error: unknown;
}

// ErrorBoundary is the last net: what no page caught is shown, and the page can be loaded again.
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <ErrorState error={this.state.error} onRetry={reload} />;
  }
}

// RouteError shows what a page threw, inside the shell.
export function RouteError(): ReactNode {
  return <ErrorState error={useRouteError()} onRetry={reload} />;
}

function reload(): void {
  window.location.reload();
}
