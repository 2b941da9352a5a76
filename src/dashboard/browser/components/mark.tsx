export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M5 17h5l3-9 6 16 3-7h5" />
    </svg>
  );
}
