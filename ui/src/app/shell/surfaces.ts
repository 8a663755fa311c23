import type { IconName } from '@/shared/kit/icon';

export interface Surface {
  to: string;
  icon: IconName;
  title: string;
  count?: number; // a badge; 0 is not shown
  exact?: boolean;
}

export interface SurfaceGroup {
  key: string;
  title?: string;
  surfaces: readonly Surface[];
}

// useSurfaces is what the navigation offers this person: only pages that exist and that they may open.
export function useSurfaces(): readonly SurfaceGroup[] {
  return [];
}
