// Texts of comparisons alone.
import { defineWords } from '../language/words'

export const comparisonWords = defineWords(
  {
    against: 'compared with {baseline}', verdict: 'What changes', forest: 'Differences with 95 % intervals, as a share of the baseline',
    same: 'No difference at all: {names}', nothingClear: 'No figure shows a clear difference.', clearLosses: '{n} worse', clearGains: '{n} better', clearChanges: '{n} changed', clearNone: '{n} without a clear difference',
    figure: 'Figure', baseline: 'Baseline', plan: 'Plan', difference: 'Difference', interval: '95 % interval', p: 'p (Holm)', verdictColumn: 'Verdict', ofBaseline: '% of the baseline',
    showP: 'Show p values', noShare: 'baseline is zero', beyond: 'beyond the axis',
    paired: 'Both sides ran with the same {n} seeds; each difference is taken seed by seed, so that chance common to both drops out.',
    certain: 'This analysis has no chance in it: what differs, differs.',
    numbers: 'All figures in numbers', rowsTitle: '{table}, one by one', rowsHelp: '{column}: each point is one row under the same seed, before (across) and after (up).',
    gained: 'better', lost: 'worse', rose: 'more', fell: 'less', unchanged: 'unchanged', only_baseline: 'only in the baseline', only_plan: 'only under the plan',
    within: 'Unchanged means within ±{tolerance}, the band beside the diagonal.', sampleNote: '{shown} of {all} pairs are drawn, chosen at random by a fixed seed; the counts are of all.',
    histogram: 'Differences: {column}, plan minus baseline', scatter: '{column} before and after', allRows: 'All rows', counts: 'Counts of rows',
    clearest: 'Largest clear differences', losses: 'Clearest losses', gains: 'Clearest gains', increases: 'Largest increases', decreases: 'Largest decreases',
    noClearRows: 'No row differs clearly.', goThere: 'Show {name} on the map', place: 'Place', tooMany: 'Only the first {n} rows were looked through.',
    overTime: 'Over the time of day', overTimeHelp: 'Of the first pair of runs (seed {seed}).', choose: 'Curve', noTime: 'No table of this analysis runs over time.',
    eachRun: 'Every run', eachSeed: 'Seed {seed}', openRun: 'Open the {side} run of seed {seed}', newRows: '{n} rows only under the plan, {m} only in the baseline (mean of the seeds)',
    measuresOf: 'Measures: {side}', made: 'How it was made: {side}',
  },
  {
    against: '对比：{baseline}', verdict: '有何变化', forest: '差值及 95% 区间，占基准的百分比',
    same: '完全相同：{names}', nothingClear: '各项指标均无明显差异。', clearLosses: '{n} 项变差', clearGains: '{n} 项改善', clearChanges: '{n} 项有变化', clearNone: '{n} 项无明显差异',
    figure: '指标', baseline: '基准', plan: '方案', difference: '差值', interval: '95% 区间', p: 'p（Holm 校正）', verdictColumn: '结论', ofBaseline: '占基准 %',
    showP: '显示 p 值', noShare: '基准为零', beyond: '超出坐标轴',
    paired: '双方使用相同的 {n} 个随机种子，差值逐种子计算，共同的随机波动因此抵消。',
    certain: '该分析不含随机性：有差异即为真实差异。',
    numbers: '全部指标数值', rowsTitle: '{table}：逐项对比', rowsHelp: '{column}：每个点为同一种子下的一行，横轴为实施前，纵轴为实施后。',
    gained: '改善', lost: '变差', rose: '增加', fell: '减少', unchanged: '不变', only_baseline: '仅基准有', only_plan: '仅方案有',
    within: '±{tolerance} 以内视为不变，即对角线旁的区间带。', sampleNote: '共 {all} 对，按固定种子随机抽取 {shown} 对绘制；计数为全部。',
    histogram: '差值：{column}，方案减基准', scatter: '{column}：实施前后', allRows: '全部数据', counts: '行数统计',
    clearest: '差异最明显之处', losses: '最明显的恶化', gains: '最明显的改善', increases: '增加最多', decreases: '减少最多',
    noClearRows: '没有差异明显的行。', goThere: '在地图上查看 {name}', place: '位置', tooMany: '仅检查了前 {n} 行。',
    overTime: '随时刻变化', overTimeHelp: '取第一对运行（种子 {seed}）。', choose: '曲线', noTime: '该分析没有随时间变化的表格。',
    eachRun: '各次运行', eachSeed: '种子 {seed}', openRun: '打开种子 {seed} 的{side}运行', newRows: '仅方案有 {n} 行，仅基准有 {m} 行（各种子平均）',
    measuresOf: '措施：{side}', made: '生成方法：{side}',
  },
)
