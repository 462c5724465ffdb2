export const administrator = {
  imports: {
    title: '数据导入', kind: '导入什么', inspectors: '执法人员', enterprises: '企业', matters: '检查事项', tiers: '企业分级', first_offences: '首违不罚清单', delegations: '赋权清单', plan_items: '年度检查计划', template: '下载模板', file: '选择文件（.xlsx 或 .csv）', chosen: '已选择：{name}', upload: '上传并导入', needFile: '请先选择文件。', uploading: '正在导入，大文件可能需要几分钟…', result: '导入结果', rows: '总行数', created: '新增', updated: '更新', unchanged: '未变', rejected: '退回', doubtful: '存疑', row: '行号', reasons: '原因', rejectedCaption: '被退回的行（前 50 行）', download: '下载退回行', history: '导入历史', none: '还没有导入过。', by: '{by}，{at}', when: '时间', fileName: '文件',
  },
  plaques: {
    title: '企业码', find: '按名称或代码查找企业', region: '地区', select: '选择{name}', selected: '已选 {n} 家', printSheets: '打印企业码（PDF）', printRegion: '打印本地区全部', none: '没有找到企业。', manage: '管理', issue: '制发企业码', reissue: '重新制发', revoke: '作废', reason: '理由', reissueTitle: '重新制发？', reissueText: '新码启用后，旧码立即作废。', revokeTitle: '作废这个码？', revokeText: '作废后扫码会被拒绝，并显示作废日期和理由。', pdf: '下载 PDF', done: '已完成。', selectAll: '全选本页', limit: '一次最多选 200 家。', caption: '企业列表',
  },
  accounts: { title: '账号', find: '按账号或姓名查找', role: '身份', none: '没有找到账号。', reset: '重置密码', resetTitle: '重置密码？', resetText: '“{name}”原来的密码将失效。', password: '一次性密码', passwordHint: '只显示这一次，请当面告知本人，登录后尽快修改。', copy: '复制', copied: '已复制', locked: '锁定至 {at}', disabled: '已停用', caption: '账号列表', username: '账号', name: '姓名', belongs: '所属', state: '状态', normal: '正常' },
}
