// How long work waits for one of several slots, when arrivals are random and each takes a random time.

/** Probability that an arrival finds all slots taken. `load` is arrivals per day × days in a slot. */
export function probabilityOfWaiting(slots, load) {
  if (load >= slots) return 1;
  let blocking = 1;
  for (let slot = 1; slot <= slots; slot += 1) blocking = (load * blocking) / (slot + load * blocking);
  return blocking / (1 - (load / slots) * (1 - blocking));
}

/** Mean days in the queue; infinite when more arrives than slots can take. */
export function meanWait({ slots, arrivalsPerDay, daysInSlot }) {
  const load = arrivalsPerDay * daysInSlot;
  if (load >= slots) return Infinity;
  return (probabilityOfWaiting(slots, load) * daysInSlot) / (slots - load);
}
