/** Makes a text area as high as its text, up to the limit that its style sets. */
export function grow(area: HTMLTextAreaElement): void {
  area.style.height = 'auto'
  const borders = area.offsetHeight - area.clientHeight
  area.style.height = `${area.scrollHeight + borders}px`
}
