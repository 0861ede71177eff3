import { defineWords } from '../language/words'

export const askWords = defineWords(
  {
    ask: 'Run and compare', analysis: 'What is asked', parameters: 'Settings', plan: 'Plan', cityAsIs: 'City as it is', unsavedPlan: '{title} (not saved)',
    against: 'Compared with', seed: 'Random seed', seedHint: 'Runs with the same seed draw the same chance', seeds: 'Seeds', seedsHint: 'Both sides run once with each seed',
    run: 'Run', compare: 'Compare', starting: 'Starting…', estimate: '{count} runs of about {each} each', estimateOne: 'a run takes about {each}', neverRun: '{count} runs; how long is known after the first',
    noChance: 'Without chance: one run of each side is enough.', compareNeedsPlan: 'Choose a plan to compare with.', sameSides: 'Both sides are the same: choose another one.',
    missing: 'The city lacks what this needs', missingWhat: 'Missing: {what}', missingRemedy: 'Import it first (command line: cim import --help), then reload this page.',
    noScene: 'Choose a scene in the bar at the side', noSuchScene: 'This scene is not installed here', noSuchSceneNext: 'The link names a scene this server does not have. Choose another one.',
    brokenScene: 'This scene cannot be loaded', recent: 'Recent runs', noRecent: 'Not run yet.', seedNumber: 'seed {seed}',
    planProblem: 'The plan has problems: mend the measures marked above first.', emptyPlan: 'The plan has no measures: it is the city as it is.', dismiss: 'Hide', settingsOf: 'Settings of {what}',
  },
  {
    ask: '运行与对比', analysis: '分析内容', parameters: '参数', plan: '方案', cityAsIs: '现状', unsavedPlan: '{title}（未保存）',
    against: '对比对象', seed: '随机种子', seedHint: '种子相同，随机抽取也相同', seeds: '种子数', seedsHint: '双方用每个种子各运行一次',
    run: '运行', compare: '对比', starting: '正在启动…', estimate: '共 {count} 次运行，每次约 {each}', estimateOne: '一次运行约 {each}', neverRun: '共 {count} 次运行；首次运行后可估算时长',
    noChance: '该分析无随机性，双方各运行一次即可。', compareNeedsPlan: '请先选择要对比的方案。', sameSides: '双方相同，请另选一个。',
    missing: '城市缺少所需数据', missingWhat: '缺少：{what}', missingRemedy: '请先导入数据（命令行：cim import --help），再刷新页面。',
    noScene: '请在侧栏选择一个场景', noSuchScene: '此处未安装该场景', noSuchSceneNext: '链接中的场景在本服务器上不存在，请选择其他场景。',
    brokenScene: '该场景无法加载', recent: '最近的运行', noRecent: '尚未运行过。', seedNumber: '种子 {seed}',
    planProblem: '方案有问题，请先修正上方标出的措施。', emptyPlan: '方案中没有措施，等同于现状。', dismiss: '收起', settingsOf: '{what}的参数',
  },
)
