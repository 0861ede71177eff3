import { defineWords } from '../language/words'

export const frameWords = defineWords(
  {
    skip: 'Go to the map', app: 'City digital twin', synthetic: 'Synthetic', search: 'Search places, roads, plans, runs', searchShort: 'Search', nothing: 'Nothing is called that. Try part of a name.',
    feature: 'In the city', plan: 'Plans', run: 'Runs', analysis: 'Analyses', searching: 'Searching…',
    now: 'Now', version: 'Version {n}', versions: 'Which version of the city', newest: 'Newest version, follows changes', versionAt: 'Showing version {n} of {at}.', momentAt: 'Showing {at}.', back: 'Back to now', past: 'You see the city as it was known then; editing is off.',
    share: 'Copy link to this view', shared: 'Link copied', sharedUnsaved: 'Link copied, but this plan has changes that only this browser knows. Save it first; then others see them too.', notShared: 'Copying is not allowed here; the link is in the address bar', print: 'Print', toEnglish: 'Switch to English', toChinese: '切换为中文',
    dark: 'Dark theme', light: 'Light theme', more: 'More', goneSince: 'The server has not answered since {time}. Your entries are kept; trying again in {seconds} s.', gonePlain: 'The server has not answered since {time}. Trying now…', tryNow: 'Try now',
    newData: 'The city changed to version {n}; the map is up to date.', hide: 'Hide',
    rail: 'Scenes and panels', plans: 'Plans', jobs: 'Runs', layers: 'Layers', quality: 'Quality', broken: 'cannot be used: {what}', close: 'Close panel', panel: 'Details', bigger: 'Larger panel', smaller: 'Smaller panel', absent: 'This panel could not be fetched', absentRemedy: 'The server does not answer. Try again when it is back; nothing you typed is lost.', crashed: 'This part of the page failed', crashedRemedy: 'The rest still works. Try again; if it fails the same way, please report it with this text.',
  },
  {
    skip: '跳到地图', app: '城市数字孪生', synthetic: '虚构数据', search: '搜索地点、道路、方案、运行', searchShort: '搜索', nothing: '没有找到。试试名称的一部分。',
    feature: '城市要素', plan: '方案', run: '运行', analysis: '分析', searching: '正在搜索…',
    now: '现在', version: '第 {n} 版', versions: '查看哪个版本的城市', newest: '最新版本，随变化更新', versionAt: '正在查看 {at} 的第 {n} 版。', momentAt: '正在查看 {at}。', back: '回到现在', past: '这里是当时掌握的城市数据，不能编辑。',
    share: '复制当前视图链接', shared: '链接已复制', sharedUnsaved: '链接已复制，但方案有未保存的修改，仅本浏览器可见。请先保存，他人才能看到。', notShared: '此处不允许复制，请从地址栏复制链接', print: '打印', toEnglish: 'Switch to English', toChinese: '切换为中文',
    dark: '深色主题', light: '浅色主题', more: '更多', goneSince: '服务器自 {time} 起没有响应。已填内容会保留，{seconds} 秒后重试。', gonePlain: '服务器自 {time} 起没有响应。正在重试…', tryNow: '立即重试',
    newData: '城市已更新到第 {n} 版，地图已同步。', hide: '隐藏',
    rail: '场景与面板', plans: '方案', jobs: '运行', layers: '图层', quality: '质量', broken: '无法使用：{what}', close: '关闭面板', panel: '详情', bigger: '放大面板', smaller: '缩小面板', absent: '无法取得此面板', absentRemedy: '服务器没有响应，恢复后请重试；已填内容不会丢失。', crashed: '页面的这一部分出错了', crashedRemedy: '其他部分不受影响。请重试；若再次出错，请附上这段文字反馈。',
  },
)
