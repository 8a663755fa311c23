const most = 50;
const places = new Map<string, number>();

// scrollMemory knows how far lists were scrolled, so that coming back from a record goes on where one was.
export const scrollMemory = {
  at: (place: string): number => places.get(place) ?? 0,
  keep: (place: string, offset: number): void => {
    places.delete(place);
    places.set(place, offset);
    for (const oldest of places.keys()) {
      if (places.size <= most) break;
      places.delete(oldest);
    }
  },
};
