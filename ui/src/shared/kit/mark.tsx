import type { ReactNode } from 'react';

// Mark is the sign of the product: a flight of steps going down to water.
export function Mark({ size = 28 }: { size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="sw-mark">
      <rect width="32" height="32" rx="8" className="sw-mark-ground" />
      <path d="M6 8h5v5h5v5h5v5h5" className="sw-mark-steps" />
      <path d="M6 19.5c1.700-1.300 3.300-1.300 5 0M6 25c1.700-1.300 3.300-1.300 5 0s3.300 1.300 5 0" className="sw-mark-water" />
    </svg>
  );
}
