// Runs before the first paint, so that a chosen theme or language never flashes the other one.
(function () {
  var root = document.documentElement;
  var theme = null;
  try {
    theme = localStorage.getItem('stepwell.theme');
    root.lang = localStorage.getItem('stepwell.lang') || (/^zh/i.test(navigator.language) ? 'zh-CN' : 'en');
  } catch {
    // Storage may be forbidden; the system's choices then hold.
  }
  if (theme !== 'light' && theme !== 'dark') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  root.dataset.theme = theme;
})();
