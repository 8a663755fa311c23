// Runs before the first paint, so that a chosen theme or language never flashes the other one.
(function () {
  try {
    var theme = localStorage.getItem('stepwell.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    var lang = localStorage.getItem('stepwell.lang');
    if (lang) document.documentElement.lang = lang;
  } catch {
    // Storage may be forbidden; the system's theme then holds.
  }
})();
