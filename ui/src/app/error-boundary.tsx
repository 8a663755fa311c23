import { Component, type ReactNode } from 'react';
import { ErrorState } from '@/shared/kit/states';

interface Props {
  children: ReactNode;
  // at is where we are: somewhere else, what went wrong here is forgotten.
  at?: string;
}

interface State {
  error: unknown;
}

// ErrorBoundary is the last net: what no page caught is shown, and the page can be loaded again.
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override componentDidUpdate(before: Props): void {
    if (before.at !== this.props.at && this.state.error !== undefined) this.setState({ error: undefined });
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <ErrorState error={this.state.error} onRetry={reload} />;
  }
}

function reload(): void {
  window.location.reload();
}
